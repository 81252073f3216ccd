import { type CommandNode, flatten, type OptionNode } from "./tree.js";

/** Completion for zsh: a file `_apns` in its fpath, or sourced. */
export function zshScript(tree: CommandNode): string {
  return `#compdef apns
# zsh completion of apns; made by: apns completion zsh
${flatten(tree).map(functionOf).join("\n")}
if [ "$funcstack[1]" = "_apns" ]; then _apns "$@"; else compdef _apns apns; fi`;
}

function functionName(path: string): string {
  return `_${path.replaceAll(" ", "_")}`;
}

function functionOf(node: CommandNode): string {
  const options = node.options.map((option) => `    ${argument(option)} \\`).join("\n");
  if (node.commands.length === 0) {
    const rest = node.choices.length === 0 ? "'*: :_files'" : `'1: :(${node.choices.join(" ")})'`;
    return `${functionName(node.path)}() {
  _arguments \\
${options}
    ${rest}
}`;
  }
  const described = node.commands.map(({ name, summary }) => `    ${quote(`${name}:${summary}`)}`).join("\n");
  const cases = node.commands.map(({ name, path }) => `        ${name}) ${functionName(path)} ;;`).join("\n");
  return `${functionName(node.path)}() {
  local line state
  local -a children=(
${described}
  )
  _arguments -C \\
${options}
    '1: :->child' '*:: :->rest'
  case $state in
    child) _describe command children ;;
    rest)
      case $line[1] in
${cases}
      esac ;;
  esac
}`;
}

function argument({ long, description, takesValue, choices }: OptionNode): string {
  const value = !takesValue ? "" : choices.length === 0 ? ":value:_files" : `:value:(${choices.join(" ")})`;
  return quote(`${long}[${description.replace(/[[\]\\:]/g, "\\$&")}]${value}`);
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

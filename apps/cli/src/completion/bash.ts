import { type CommandNode, flatten } from "./tree.js";

/** Completion for bash 3.2 and later, without the package bash-completion. */
export function bashScript(tree: CommandNode): string {
  const nodes = flatten(tree);
  return `# bash completion of apns; made by: apns completion bash
_apns() {
  local word="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}" path="apns" index
  for ((index = 1; index < COMP_CWORD; index++)); do
    case "$path \${COMP_WORDS[index]}" in
      ${paths(nodes)}) path="$path \${COMP_WORDS[index]}" ;;
    esac
  done
  case "$path $previous" in
${nodes.flatMap(valueCases).join("\n")}
  esac
  case "$path" in
${nodes.map(wordCase).join("\n")}
  esac
}
complete -o default -F _apns apns`;
}

function paths(nodes: readonly CommandNode[]): string {
  return nodes
    .filter(({ path }) => path.includes(" "))
    .map(({ path }) => `"${path}"`)
    .join("|");
}

/** What follows an option. Without known values, nothing is said and bash offers files. */
function valueCases(node: CommandNode): string[] {
  return node.options
    .filter(({ takesValue }) => takesValue)
    .map(({ long, choices }) =>
      choices.length === 0
        ? `    "${node.path} ${long}") return ;;`
        : `    "${node.path} ${long}") COMPREPLY=($(compgen -W "${choices.join(" ")}" -- "$word")); return ;;`,
    );
}

function wordCase(node: CommandNode): string {
  const words = [...node.commands.map(({ name }) => name), ...node.choices].join(" ");
  const options = node.options.map(({ long }) => long).join(" ");
  return `    "${node.path}")
      if [[ $word == -* ]]; then COMPREPLY=($(compgen -W "${options}" -- "$word"))
      else COMPREPLY=($(compgen -W "${words}" -- "$word")); fi ;;`;
}

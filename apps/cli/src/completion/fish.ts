import { type CommandNode, flatten } from "./tree.js";

/** Completion for fish. */
export function fishScript(tree: CommandNode): string {
  const lines = flatten(tree).flatMap((node) => {
    const when = condition(node);
    return [
      ...node.commands.map(
        ({ name, summary }) => `complete -c apns -n ${quote(when)} -f -a ${name} -d ${quote(summary)}`,
      ),
      ...node.choices.map((choice) => `complete -c apns -n ${quote(when)} -f -a ${choice}`),
      ...node.options.map(({ long, description, takesValue, choices }) => {
        const value = !takesValue ? "" : choices.length === 0 ? " -r" : ` -x -a ${quote(choices.join(" "))}`;
        return `complete -c apns -n ${quote(when)} -l ${long.slice(2)}${value} -d ${quote(description)}`;
      }),
    ];
  });
  return `# fish completion of apns; made by: apns completion fish\n${lines.join("\n")}`;
}

/** True where the words typed so far lead to this command and to none below it. */
function condition({ path, commands }: CommandNode): string {
  const typed = path.split(" ").slice(1);
  const below = commands.map(({ name }) => name).join(" ");
  const parts = [
    ...typed.map((word) => `__fish_seen_subcommand_from ${word}`),
    ...(below === "" ? [] : [`not __fish_seen_subcommand_from ${below}`]),
  ];
  return parts.length === 0 ? "true" : parts.join("; and ");
}

function quote(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}

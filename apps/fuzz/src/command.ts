/**
 * Loads a module of the `apns` command, which exports none: what reads files of strangers there is fed without the process and
 * the terminal around it.
 */
export async function moduleOfCommand<Module>(path: string): Promise<Module> {
  const built = import.meta.url.endsWith(".js");
  const url = new URL(`../../cli/${built ? "dist" : "src"}/${path}.${built ? "js" : "ts"}`, import.meta.url);
  return (await import(url.href)) as Module;
}

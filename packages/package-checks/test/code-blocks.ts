import { existsSync, readFileSync } from "node:fs";
import { relative } from "node:path";
import { root } from "./workspace.js";

/** A piece of code in a Markdown file. */
export interface Block {
  /** Of the file, from the root. */
  readonly path: string;
  /** Of its fence; 1 is the first. */
  readonly line: number;
  readonly title: string;
  readonly code: string;
  /** The names that it uses without declaring them, from a comment in front of it: `<!-- given: transport, auth -->`. */
  readonly given: readonly string[];
}

/** The blocks of a file that are marked as this language, and nothing else. */
export function blocks(file: string, language: "js" | "ts"): Block[] {
  if (!existsSync(file)) return [];
  const text = readFileSync(file, "utf8");
  const pattern = new RegExp(`^(?:<!-- given: (.+?) -->\n)?\`\`\`${language}\n(.*?)^\`\`\`$`, "gms");
  const path = relative(root, file);
  return [...text.matchAll(pattern)].map(({ 1: given, 2: code, index }) => {
    const line = text.slice(0, text.indexOf("```", index)).split("\n").length;
    return { path, line, title: `${path}, line ${line}`, code: code!, given: given?.split(", ") ?? [] };
  });
}

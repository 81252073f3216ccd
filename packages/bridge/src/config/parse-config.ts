import { InvalidArgumentError } from "@apns/core";
import { secretKind } from "@apns/core/internal";
import { type Document, isMap, isNode, isScalar, LineCounter, type Node, parseDocument, visit } from "yaml";
import type { z } from "zod";
import type { BridgeConfig } from "./bridge-config.js";
import { ConfigError, type ConfigProblem, maxToldProblems } from "./config-error.js";
import { lineNestedTooDeeply } from "./nesting.js";
import { configSchema } from "./schema.js";

/** A way through the file: keys of objects and places in lists. */
type Path = readonly PropertyKey[];

/** A configuration file that was read, and knows which value stood on which line. */
export class ConfigFile {
  readonly name: string;
  readonly config: BridgeConfig;
  readonly #document: Document;
  readonly #lines: LineCounter;

  private constructor(name: string, config: BridgeConfig, document: Document, lines: LineCounter) {
    this.name = name;
    this.config = config;
    this.#document = document;
    this.#lines = lines;
  }

  /**
   * Reads YAML (JSON is YAML, too) and checks its shape.
   * @param name of the file, for messages
   * @throws {ConfigError} with every problem's line
   */
  static parse(text: string, name: string): ConfigFile {
    const tooDeep = lineNestedTooDeeply(text);
    if (tooDeep !== undefined) {
      const problem = "The file nests deeper than any setting does; take levels out of this line.";
      throw new ConfigError(name, [{ line: tooDeep, column: 1, field: "", problem }]);
    }
    const lines = new LineCounter();
    // Whether keys are unique is looked at below: the library compares each with every other.
    const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: false });
    if (document.errors.length > 0) {
      const problems = document.errors.map(({ pos: [start], message: problem }) => {
        const { line, col: column } = lines.linePos(start);
        return { line, column, field: "", problem };
      });
      throw new ConfigError(name, problems);
    }
    const unfit = [...keyProblems(document, lines), ...aliasProblems(document, lines)];
    if (unfit.length > 0) throw new ConfigError(name, unfit);
    const checked = configSchema.safeParse(document.toJS());
    const problems = checked.success
      ? misplacedSecrets(checked.data, document, lines)
      : checked.error.issues.slice(0, maxFound).flatMap((issue) => problemsOf(issue, document, lines));
    if (!checked.success || problems.length > 0) throw new ConfigError(name, problems);
    return new ConfigFile(name, checked.data, document, lines);
  }

  /** An error about an option as one about this file, with the line; anything else as it is. */
  locate(error: unknown): unknown {
    if (!(error instanceof InvalidArgumentError)) return error;
    const path = [...error.field.matchAll(/[^.[\]]+/g)].map(([part]) => (/^\d+$/.test(part) ? Number(part) : part));
    // An option given once stands in the file without a list around it.
    const shortened = path.filter((part, index) => !(part === 0 && isMap(this.#document.getIn(path.slice(0, index)))));
    const problem = error.message.slice(error.field.length + 2);
    return new ConfigError(this.name, [
      { ...position(shortened, this.#document, this.#lines), field: error.field, problem },
    ]);
  }
}

/**
 * Keys that are no plain text, such as lists, maps, binaries, and aliases of them. No setting has one; and as a key of an object each
 * is made a text, with all that is within it, at each of the levels around it: fifty keys of keys are more text than Node can hold.
 * Nor may a key stand there twice.
 */
function keyProblems(document: Document, lines: LineCounter): ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  visit(document, {
    Map: (_key, { items }) => {
      const names = new Set<string>();
      for (const { key } of items) {
        if (!isNode(key)) continue;
        const { line, col: column } = lines.linePos(key.range?.[0] ?? 0);
        const tell = (problem: string): void => void problems.push({ line, column, field: "", problem });
        if (!isScalar(key) || key.value instanceof Object) {
          tell("A key must be plain text, not a list, a map or an alias.");
        } else if (names.has(String(key.value))) tell("Map keys must be unique.");
        else names.add(String(key.value));
      }
    },
  });
  return problems;
}

/** The search for a line goes through the whole file: one problem more than is told is enough to know that there are more. */
const maxFound = maxToldProblems + 1;

/** Aliases in one file; the search for an anchor goes through the whole file. */
const maxAliases = 100;

/**
 * Aliases (`*name`) that name no anchor before them, and those of values with aliases in them: a few lines of these stand for
 * millions of values.
 */
function aliasProblems(document: Document, lines: LineCounter): ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  let count = 0;
  visit(document, {
    Alias: (_key, alias) => {
      const tell = (problem: string): void => {
        const { line, col: column } = lines.linePos(alias.range?.[0] ?? 0);
        problems.push({ line, column, field: "", problem: `The alias *${alias.source} ${problem}` });
      };
      if (++count > maxAliases) {
        tell(`is one too many; a configuration may have ${maxAliases}.`);
        return visit.BREAK;
      }
      const target = alias.resolve(document);
      if (target === undefined) tell("names no anchor before it.");
      else if (hasAlias(target)) tell("stands for a value that has aliases in it; write that value out.");
      return undefined;
    },
  });
  return problems;
}

function hasAlias(node: Node): boolean {
  let found = false;
  visit(node, {
    Alias: () => {
      found = true;
      return visit.BREAK;
    },
  });
  return found;
}

/** What names a file, in place of which a reader may take what the file holds. */
const fileSettings: ReadonlySet<PropertyKey | undefined> = new Set(["cert", "key", "pfx", "clientCa", "ca"]);

/** Keys, certificates and tokens in place of names and addresses, which are shown, logged and sent. */
function misplacedSecrets(value: unknown, document: Document, lines: LineCounter, path: Path = []): ConfigProblem[] {
  if (typeof value === "string") {
    const kind = secretKind(value);
    const isAtHome = path.some((part) => fileSettings.has(part));
    if (kind === undefined || isAtHome) return [];
    const problem = `is text that looks like ${kind}, which does not belong here.`;
    return [{ ...position(path, document, lines), field: fieldOf(path), problem }];
  }
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, entry]) =>
    misplacedSecrets(entry, document, lines, [...path, Array.isArray(value) ? Number(name) : name]),
  );
}

function problemsOf(issue: z.core.$ZodIssue, document: Document, lines: LineCounter): ConfigProblem[] {
  if (issue.code === "unrecognized_keys") {
    return issue.keys.slice(0, maxFound).map((key) => {
      const path = [...issue.path, key];
      return {
        ...position(path, document, lines),
        field: fieldOf(path),
        problem: "is not a setting that exists here.",
      };
    });
  }
  if (issue.code === "invalid_union" && issue.message === "Invalid input") {
    // The writer most likely meant the alternative that came closest: its problem is the one to report.
    const closest = issue.errors.toSorted((a, b) => depth(b) - depth(a))[0] ?? [];
    if (closest.length > 0) {
      return closest.flatMap((inner) =>
        problemsOf({ ...inner, path: [...issue.path, ...inner.path] }, document, lines),
      );
    }
  }
  const missing = issue.code === "invalid_type" && document.getIn(issue.path) === undefined;
  const problem = missing ? "is missing." : `${issue.message.replace(/^Invalid (input|option): /, "")}.`;
  return [{ ...position(issue.path, document, lines), field: fieldOf(issue.path), problem }];
}

function depth(issues: readonly z.core.$ZodIssue[]): number {
  return Math.max(...issues.map(({ path, code }) => path.length * 2 + (code === "invalid_type" ? 0 : 1)));
}

function fieldOf(path: Path): string {
  return path
    .map((part, index) => (typeof part === "number" ? `[${part}]` : `${index > 0 ? "." : ""}${String(part)}`))
    .join("");
}

/** The position of the value, by its key if it has one; of a missing value, that of the object it should be in. */
function position(
  path: Path,
  document: Document,
  lines: LineCounter,
): { readonly line: number; readonly column: number } {
  let node: Node | null = document.contents as Node | null;
  let start = node?.range?.[0] ?? 0;
  for (const part of path) {
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => isNode(key) && String(key) === String(part));
      if (pair === undefined) break;
      start = (pair.key as Node).range?.[0] ?? start;
      node = pair.value as Node | null;
    } else {
      const child = (node as { get?: (key: unknown, keep: true) => unknown } | null)?.get?.(part, true);
      if (!isNode(child)) break;
      node = child;
      start = child.range?.[0] ?? start;
    }
  }
  const { line, col } = lines.linePos(start);
  return { line, column: col };
}

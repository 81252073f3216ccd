import { CST, Lexer } from "yaml";

/** More than any setting needs. */
const maxFlowDepth = 50;
const maxIndicators = 50;
const maxIndentation = 200;

const opening: ReadonlySet<string> = new Set(["flow-map-start", "flow-seq-start"]);
const closing: ReadonlySet<string> = new Set(["flow-map-end", "flow-seq-end"]);
const separators: ReadonlySet<string> = new Set([...opening, ...closing, "comma"]);
/** `-`, `?` and `:` */
const levelIndicators: ReadonlySet<string> = new Set(["seq-item-ind", "explicit-key-ind", "map-value-ind"]);

/**
 * The line, from 1, on which YAML nests deeper than any configuration does; `undefined` if none does. The parser of YAML calls
 * itself for each level: some hundred levels overflow its stack, and end the process if that happens within a regular
 * expression. The lexer does not, and whoever nests must open a bracket, give an indicator or indent.
 */
export function lineNestedTooDeeply(text: string): number | undefined {
  let line = 1;
  let flowDepth = 0;
  /** Since something began that is beside, not within, what was before it. */
  let indicators = 0;
  let isIndentation = true;
  for (const lexeme of new Lexer().lex(text)) {
    const type = CST.tokenType(lexeme) ?? "scalar";
    if (opening.has(type)) flowDepth++;
    else if (closing.has(type)) flowDepth = Math.max(0, flowDepth - 1);
    if (levelIndicators.has(type)) indicators++;
    else if (separators.has(type) || (type === "newline" && flowDepth === 0)) indicators = 0;
    const indentation = isIndentation && type === "space" ? lexeme.length : 0;
    isIndentation = type === "newline";
    if (flowDepth > maxFlowDepth || indicators > maxIndicators || indentation > maxIndentation) return line;
    // Texts of several lines are one lexeme.
    for (let at = lexeme.indexOf("\n"); at !== -1; at = lexeme.indexOf("\n", at + 1)) line++;
  }
  return undefined;
}

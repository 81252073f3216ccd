/** `{{name}}`, with blanks around the name or not. */
const placeholder = /\{\{\s*([^{}\s]+)\s*\}\}/g;

/** A text, as the constant pieces of it and the names of the fields between them: one name less than pieces. */
export interface TextPieces {
  readonly pieces: readonly string[];
  readonly names: readonly string[];
}

/** Cuts a text at its placeholders. */
export function piecesOf(text: string): TextPieces {
  const parts = text.split(placeholder);
  return {
    pieces: parts.filter((_, index) => index % 2 === 0),
    names: parts.filter((_, index) => index % 2 === 1),
  };
}

/** The name, if the text is one placeholder and nothing else. */
export function onlyName({ pieces, names }: TextPieces): string | undefined {
  return names.length === 1 && pieces[0] === "" && pieces[1] === "" ? names[0] : undefined;
}

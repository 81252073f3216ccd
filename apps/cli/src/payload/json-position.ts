/** Deeper ones are no payload of anybody. */
const maxDepth = 500;

/** A place in a text, as editors count: both from 1, columns in UTF-16 units. */
export interface TextPosition {
  readonly line: number;
  readonly column: number;
}

/** The places in a JSON text. */
export interface JsonMap {
  /** Where the text stops being JSON (RFC 8259); `undefined` if all of it is. */
  readonly faultAt: TextPosition | undefined;
  /** Where the key at a path such as `aps.alert.body` stands; of a missing one, the nearest above it that is there. */
  positionOf(path: string): TextPosition | undefined;
}

export function mapJson(text: string): JsonMap {
  const scanner = new Scanner(text);
  const faultAt = scanner.run();
  const at = (offset: number | undefined): TextPosition | undefined =>
    offset === undefined ? undefined : positionAt(text, offset);
  return {
    faultAt: at(faultAt),
    positionOf: (path) => {
      for (let nearest = path; nearest !== ""; nearest = nearest.slice(0, Math.max(0, nearest.lastIndexOf(".")))) {
        const offset = scanner.keys.get(nearest);
        if (offset !== undefined) return at(offset);
      }
      return undefined;
    },
  };
}

function positionAt(text: string, offset: number): TextPosition {
  const before = text.slice(0, offset);
  const lineStart = before.lastIndexOf("\n") + 1;
  return { line: before.split("\n").length, column: offset - lineStart + 1 };
}

class SyntaxFault extends Error {}

/** Reads JSON for the places of its keys, and the first place where it is none. */
class Scanner {
  readonly keys = new Map<string, number>();
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** @returns where the text stops being JSON */
  run(): number | undefined {
    try {
      this.#value("", 0);
      this.#blank();
      return this.#at === this.#text.length ? undefined : this.#at;
    } catch (error) {
      if (error instanceof SyntaxFault) return this.#at;
      throw error;
    }
  }

  #value(path: string, depth: number): void {
    this.#blank();
    const first = this.#text[this.#at];
    if (depth > maxDepth) throw new SyntaxFault();
    if (first === "{") this.#object(path, depth);
    else if (first === "[") this.#array(path, depth);
    else if (first === '"') this.#string();
    else this.#take(/(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)/y);
  }

  #object(path: string, depth: number): void {
    this.#at++;
    if (this.#isNext("}")) return;
    for (;;) {
      this.#blank();
      const keyAt = this.#at;
      const key = this.#string();
      const keyPath = path === "" ? key : `${path}.${key}`;
      if (!this.keys.has(keyPath)) this.keys.set(keyPath, keyAt);
      this.#expect(":");
      this.#value(keyPath, depth + 1);
      if (this.#isNext("}")) return;
      this.#expect(",");
    }
  }

  #array(path: string, depth: number): void {
    this.#at++;
    if (this.#isNext("]")) return;
    for (let index = 0; ; index++) {
      this.#value(`${path}.${index}`, depth + 1);
      if (this.#isNext("]")) return;
      this.#expect(",");
    }
  }

  #string(): string {
    const start = this.#at;
    this.#take(/"(?:[^"\\\p{Cc}]|[\u007f-\u009f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/uy);
    return JSON.parse(this.#text.slice(start, this.#at)) as string;
  }

  #isNext(character: string): boolean {
    this.#blank();
    if (this.#text[this.#at] !== character) return false;
    this.#at++;
    return true;
  }

  #expect(character: string): void {
    if (!this.#isNext(character)) throw new SyntaxFault();
  }

  #blank(): void {
    while (/[ \t\n\r]/.test(this.#text[this.#at] ?? "")) this.#at++;
  }

  #take(pattern: RegExp): void {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    if (found === undefined) throw new SyntaxFault();
    this.#at += found.length;
  }
}

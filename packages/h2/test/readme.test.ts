import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import * as h2 from "../src/index.ts";

// The example of README.md is run as it stands there, but for its type annotations.
it("the README's first example prints what it promises", () => {
  const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
  const source = /```ts\n([\s\S]*?)```/.exec(readme)![1]!.replace(/^import .*\n/, "");
  const plain = source
    .replace(": ServerConnection = ", " = ")
    .replace("<string>(", "(")
    .replace("from: Connection, to: Connection): void", "from, to)");
  const lines: string[] = [];
  const example = new Function("ClientConnection", "ServerConnection", "console", plain);
  example(h2.ClientConnection, h2.ServerConnection, { log: (...words: unknown[]) => lines.push(words.join(" ")) });
  expect(source.split("\n").length).toBeLessThan(42);
  expect(lines).toEqual(['request /3/device/a1b2c3 {"aps":{"alert":"hello"}}', "response to first push 200 my-id"]);
});

import { generateKeyPairSync } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { credentialForms } from "../../../testkit/src/credential-forms.ts";
import { maxCredentialFileBytes, readCredentialFile } from "./credential-file.js";

const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
const der = privateKey.export({ type: "pkcs8", format: "der" });
const pem = privateKey.export({ type: "pkcs8", format: "pem" }) as string;

describe("a credential file", () => {
  it.each(Object.entries(credentialForms(pem)))("%s holds its key", (_, content) => {
    const read = readCredentialFile(content);
    expect(read.kind).toBe("items");
    const items = read.kind === "items" ? read.items : [];
    expect(items.map(({ format }) => format)).toEqual(["private-key"]);
    expect(Buffer.from(items[0]!.der).equals(der)).toBe(true);
  });

  it.each<[string, string | Uint8Array, string, RegExp]>([
    ["nothing", "", "empty", /^$/],
    ["blanks", " \r\n\t", "empty", /^$/],
    ["too much", "x".repeat(maxCredentialFileBytes + 1), "tooLarge", /^has 1048577 bytes$/],
    ["too many bytes in few characters", "€".repeat(maxCredentialFileBytes / 2), "tooLarge", /^has 1572864 bytes$/],
    ["65 blocks", pem.repeat(65), "tooLarge", /^holds more than 64 PEM blocks$/],
    ["a beginning", pem.slice(0, 100), "unreadable", /^begins like PEM, but has no complete block$/],
    ["a beginning in base64", btoa(pem.slice(0, 100)), "unreadable", /^begins like PEM/],
    ["the name of a file", "AuthKey_ABC123DEFG.p8", "unreadable", /^is 21 bytes that are neither PEM nor DER$/],
    ["DER cut short", der.subarray(0, 2), "unreadable", /^is 2 bytes/],
    ["JSON", '{"key":1}', "unreadable", /^is JSON$/],
    ["an archive", "PK\u0003\u0004", "unreadable", /^is a zip archive$/],
  ])("of %s holds none", (_, content, kind, problem) => {
    const read = readCredentialFile(content);
    expect(read.kind).toBe(kind);
    expect("problem" in read ? read.problem : "").toMatch(problem);
  });

  it("is unwrapped from base64 three times, and no further", () => {
    const wrapped = (layers: number): string => {
      let text = pem;
      for (let layer = 0; layer < layers; layer++) text = btoa(text);
      return text;
    };
    expect([1, 2, 3, 4].map((layers) => readCredentialFile(wrapped(layers)).kind)).toEqual([
      "items",
      "items",
      "items",
      "unreadable",
    ]);
  });

  it("says whether other programs read it as it is", () => {
    const repaired = Object.entries(credentialForms(pem)).filter(([, content]) => {
      const read = readCredentialFile(content);
      return read.kind === "items" && read.items[0]!.wasRepaired;
    });
    const asItIs = Object.keys(credentialForms(pem)).filter((name) => !repaired.some(([other]) => other === name));
    expect(asItIs).toEqual([
      "as it is",
      "as bytes",
      "with Windows' line ends",
      "without its last line end",
      "with text around it",
      "behind the parameters of its curve",
      "behind a byte order mark",
      "behind a byte order mark in bytes",
      "in DER",
      "in DER with a line end",
    ]);
  });

  // Searched in steps that grow faster than the text does, these keep a process busy for hours.
  it.each([
    ["backslashes", "\\".repeat(1_000_000)],
    ["escaped line ends", "\\r".repeat(500_000)],
    ["hyphens behind a beginning", `-----BEGIN A-----${"-a".repeat(500_000)}`],
    ["beginnings", "-----BEGIN A-----".repeat(60_000)],
    ["equals signs", "=".repeat(1_000_000)],
    ["quotes", '"'.repeat(1_000_000)],
    ["blanks in a quote", `"${" ".repeat(1_000_000)}x"`],
    ["headers of encryption", `-----BEGIN A-----${"Proc-Type: ".repeat(80_000)}`],
  ])("of a megabyte of %s is read through once", (_, content) => {
    expect(readCredentialFile(content).kind).toBe("unreadable");
  });

  it("never throws, whatever it is given", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array({ maxLength: 300 }),
          fc.string({ unit: "binary", maxLength: 300 }),
          fc.base64String({ maxLength: 300 }),
          // DER and PEM with something wrong in them.
          fc.tuple(fc.nat(der.length - 1), fc.nat(255)).map(([at, byte]) => {
            const changed = Buffer.from(der);
            changed[at] = byte;
            return changed;
          }),
          fc.tuple(fc.nat(pem.length), fc.string({ maxLength: 20 })).map(([at, text]) => pem.slice(0, at) + text),
        ),
        (content) => {
          const read = readCredentialFile(content);
          expect(read.kind === "items" ? read.items.length : 1).toBeGreaterThan(0);
        },
      ),
      { numRuns: 2000 },
    );
  });

  it("is read through several wrappings at once", () => {
    const identity = (text: string): string => text;
    const ofText = [
      identity,
      (text: string) => text.replaceAll("\n", "\r\n"),
      (text: string) => text.replaceAll("\n", "\\n"),
      (text: string) => text.replaceAll("\n", "\\\\n"),
      (text: string) => text.replaceAll("\n", ""),
      (text: string) => text.replaceAll(/-----[^-]+-----/g, "").trim(),
      (text: string) => `"${text}"`,
      (text: string) => `\n  ${text}  \n`,
    ];
    const ofBytes = [
      (text: string) => Buffer.from(text),
      (text: string) => Buffer.from(`\ufeff${text}`),
      (text: string) => Buffer.from(text, "utf16le"),
      (text: string) => Buffer.from(`\ufeff${text}`, "utf16le").swap16(),
    ];
    const wrapping = fc.record({
      text: fc.constantFrom(...ofText),
      more: fc.constantFrom(...ofText),
      bytes: fc.constantFrom(...ofBytes),
      layers: fc.integer({ min: 0, max: 2 }),
    });
    fc.assert(
      fc.property(wrapping, ({ text, more, bytes, layers }) => {
        let content = bytes(more(text(pem)));
        for (let layer = 0; layer < layers; layer++) content = Buffer.from(content.toString("base64"));
        const read = readCredentialFile(content);
        const found = read.kind === "items" ? read.items.map((item) => Buffer.from(item.der).toString("hex")) : [];
        expect(found).toEqual([der.toString("hex")]);
      }),
      { numRuns: 1000 },
    );
  });
});

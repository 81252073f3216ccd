// docs/options.md names every public option and type of both transports.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const root = join(import.meta.dirname, "../../..");
const read = (path: string): string => readFileSync(join(root, path), "utf8");
const page = read("docs/options.md");
const named = new Set([...page.matchAll(/`([^`]+)`/g)].map(([, name]) => name));

/** Names of the properties of an exported interface. */
function propertiesOf(source: string, name: string): string[] {
  const [, body = ""] = new RegExp(`export interface ${name}[^{]*\\{([^]*?)\\n\\}`).exec(source) ?? [];
  return [...body.matchAll(/^ {2}readonly (\w+)\??:/gm)].map(([, property]) => property!);
}

test.each([
  ["http2", ["Http2ClientOptions", "Http2TransportOptions"]],
  ["binary", ["LegacyConnectOptions", "BinaryTransportOptions"]],
])("every option of @apns/%s is on the page", (folder, interfaces) => {
  const source = read(`packages/${folder}/src/options.ts`);
  const options = interfaces.flatMap((name) => propertiesOf(source, name));
  expect(options.length).toBeGreaterThan(15);
  expect(options.filter((name) => !named.has(name))).toEqual([]);
});

test.each(["http2", "binary"])("every export of @apns/%s of its own is on the page", (folder) => {
  const index = read(`packages/${folder}/src/index.ts`);
  const exported = [...index.matchAll(/export (?:type )?\{([^}]*)\}/g)]
    .flatMap(([, names]) => names!.split(","))
    .map((name) => name.trim().replace(/^type /, ""))
    .filter((name) => name !== "");
  expect(exported.length).toBeGreaterThan(10);
  expect(exported.filter((name) => !named.has(name))).toEqual([]);
});

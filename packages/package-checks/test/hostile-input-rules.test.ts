// Rules of the source that keep strangers from ending a process (docs/decisions/0013): Node's native code sees a key or
// certificate only where its content was checked, and no socket of a peer's is used outside of `contain`.
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { expect, test } from "vitest";
import { root } from "./workspace.js";

/** Shipped source by its path, without comments: those name what is forbidden. */
const sources = new Map(
  ["packages", "apps"].flatMap((group) =>
    readdirSync(join(root, group))
      .filter((name) => !["testkit", "package-checks", "bench", "fuzz"].includes(name))
      .flatMap((name) => filesOf(join(root, group, name, "src"))),
  ),
);

function filesOf(folder: string): [path: string, text: string][] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts"))
    .map((file) => {
      const path = join(folder, file);
      const text = readFileSync(path, "utf8").replaceAll(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, "");
      return [relative(root, path).replaceAll("\\", "/"), text];
    });
}

const filesWith = (pattern: RegExp): string[] =>
  [...sources].flatMap(([path, text]) => (pattern.test(text) ? [path] : [])).sort();

test.each([
  ["getPeerCertificate()", /\bgetPeerCertificate\s*\(/],
  ["toLegacyObject()", /\btoLegacyObject\s*\(/],
  ["keyUsage", /\.keyUsage\b/],
  ["asymmetricKeyDetails", /\basymmetricKeyDetails\b/],
  ["a key as JWK", /format: "jwk"/],
])("nothing asks Node for what can end the process: %s", (_, pattern) => {
  expect(filesWith(pattern)).toEqual([]);
});

test.each([
  ["private keys", /\bcreatePrivateKey\s*\(/, ["credentials/src/keys/private-key.ts", "http2/src/auth/signing-key.ts"]],
  [
    "public keys",
    /\bcreatePublicKey\s*\(/,
    [
      "credentials/src/certificates/key-holders.ts",
      "credentials/src/inspect/signing-key.ts",
      "credentials/src/keys/verification-key.ts",
    ],
  ],
  // The bridge's are of its own configuration.
  [
    "certificates",
    /\bnew X509Certificate\s*\(/,
    ["bridge/src/accept/tls.ts", "credentials/src/certificates/certificate.ts"],
  ],
])("%s reach Node through one way in", (_, pattern, files) => {
  expect(filesWith(pattern)).toEqual(files.map((file) => `packages/${file}`));
});

test("whatever takes connections uses them within contain()", () => {
  const servers = filesWith(/import \{[^}]*\bcreateServer\b[^}]*\} from "node:(net|tls)"/);
  // This one makes servers of sockets that were inherited, and leaves their connections to the listener that takes them.
  const takers = servers.filter((path) => path !== "packages/bridge/src/accept/inherited-sockets.ts");
  expect(takers).toEqual([
    "apps/demo/src/stage/compose/tap.ts",
    "packages/bridge/src/accept/listener.ts",
    "packages/simulator/src/io/link.ts",
    "packages/simulator/src/io/listener.ts",
    "packages/simulator/src/io/tls-acceptor.ts",
  ]);
  const within = new Set(filesWith(/\b(contain|useSocket)\(/));
  expect(takers.filter((path) => !within.has(path))).toEqual([]);
  // A listener of a server that is given a socket hands it on to one of these at once.
  const listeners = takers.flatMap((path) =>
    sources
      .get(path)!
      .split(/(?=\.on\("(?:secureConnection|tlsClientError|connection)")/)
      .slice(1)
      .map((text) => `${path}: ${text.slice(0, 200)}`),
  );
  expect(listeners).toHaveLength(5);
  for (const text of listeners) expect(text).toMatch(/(?:\bcontain|\buseSocket|#use)\(/);
});

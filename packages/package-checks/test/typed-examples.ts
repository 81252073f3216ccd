import { execFile } from "node:child_process";
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { type Block, blocks } from "./code-blocks.js";
import { root, usersCompilerOptions, workspacePackages } from "./workspace.js";

// Every ```ts block of a README, or of a page in docs, is compiled as a user would compile it: in strict mode, against the
// built packages. It imports what it uses; what is the reader's own is named in front of it: `<!-- given: … -->`.
const pages = [
  join(root, "README.md"),
  join(root, "CONTRIBUTING.md"),
  ...workspacePackages.map(({ folder }) => join(folder, "README.md")),
  ...readdirSync(join(root, "docs"))
    .filter((name) => name.endsWith(".md"))
    .map((name) => join(root, "docs", name)),
];

/** The types of what readers have, by its name. */
const readersOwn: Readonly<Record<string, string>> = {
  transport: 'import("@apns/core").Transport',
  "transport: Http2Transport": 'import("@apns/http2").Http2Transport',
  options: 'import("@apns/http2").Http2TransportOptions',
  auth: 'import("@apns/http2").TokenAuth',
  certificate: 'import("@apns/core").CertificateAuth',
  environment: 'import("@apns/binary").Environment',
  cert: "string",
  key: "string",
  cer: "Buffer",
  pem: "string",
  p12: "Buffer",
  passphrase: "string",
  notification: 'import("@apns/core").Notification',
  deviceToken: "string",
  deviceTokens: "readonly string[]",
  file: 'import("node:fs/promises").FileHandle',
  devices:
    "{ forget(deviceToken: string): Promise<void>; registeredAt(deviceToken: string): Promise<Date | undefined> }",
  forget: "(deviceToken: string) => Promise<void>",
  forgetUnlessSeenSince: "(deviceToken: string, at: Date) => Promise<void>",
  // Of the npm package "redis", as far as it is used.
  redis:
    "{ get(key: string): Promise<string | null>; set(key: string, value: string, options: { EX: number }): Promise<unknown> }",
};

/** In one line, so that the lines of the block keep their numbers. */
function declarations({ given }: Block): string {
  return given.map((name) => `declare const ${name.replace(/:.*/, "")}: ${readersOwn[name]};`).join(" ");
}

/** Every ts block of every page. */
export const typedBlocks: readonly Block[] = pages.flatMap((page) => blocks(page, "ts"));

/** Names in front of blocks that are not known here, or that the block does not use: each with its place. */
export function strangeGivens(): string[] {
  return typedBlocks.flatMap(({ path, line, given, code }) =>
    given
      .filter((name) => !(name in readersOwn) || !new RegExp(`\\b${name.replace(/:.*/, "")}\\b`).test(code))
      .map((name) => `${path}:${line}: "${name}" is not known, or not used`),
  );
}

/** What the compiler says of the blocks in a folder that has the packages: each line with its place in the Markdown. */
export async function compile(folder: string): Promise<string[]> {
  const name = (index: number): string => `block-${index}.mts`;
  for (const [index, block] of typedBlocks.entries())
    writeFileSync(join(folder, name(index)), `${declarations(block)}\n${block.code}`);
  const config = {
    compilerOptions: { ...usersCompilerOptions, module: "nodenext" },
    files: typedBlocks.map((_, index) => name(index)),
  };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config));
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  const { stdout } = await promisify(execFile)(process.execPath, [tsc, "-p", ".", "--pretty", "false"], {
    cwd: folder,
  }).catch((error: Error & { stdout: string }) => ({ stdout: error.stdout || error.message }));
  // Where it is in the Markdown, for an editor to go to.
  const places = stdout.replace(/block-(\d+)\.mts\((\d+),(\d+)\)/g, (_, index, line, column) => {
    const { path, line: fence } = typedBlocks[Number(index)]!;
    return `${path}:${fence + Number(line) - 1}:${column}`;
  });
  return places.split("\n").filter((line) => line !== "");
}

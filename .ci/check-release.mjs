// Before a release: what would be wrong on the registry for ever. Packs every public package as `changeset publish` will, and
// publishes none. A publication of what the registry has already is not its concern.
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";

const root = join(import.meta.dirname, "..");
const readJson = (...path) => JSON.parse(readFileSync(join(root, ...path), "utf8"));
const problems = [];

const { author, repository } = readJson("package.json");
if (/OWNER/.test(JSON.stringify({ author, repository }))) {
  problems.push("package.json: put the owner's name and repository in place of OWNER, in `author` and `repository`");
}
if (readdirSync(join(root, ".changeset")).some((name) => name.endsWith(".md") && name !== "README.md")) {
  problems.push(".changeset: run `npx pnpm@10 exec changeset version`, and commit what it writes");
}

const folders = ["packages", "apps"]
  .flatMap((group) => readdirSync(join(root, group)).map((name) => join(root, group, name)))
  .filter((folder) => existsSync(join(folder, "package.json")))
  .filter((folder) => JSON.parse(readFileSync(join(folder, "package.json"), "utf8")).private !== true);
const names = folders.map((folder) => readJson(relative(root, folder), "package.json").name);
const packed = mkdtempSync(join(tmpdir(), "apns-release-"));
try {
  pnpm("--recursive", ...names.map((name) => `--filter=${name}`), "pack", "--pack-destination", packed);
  for (const tarball of readdirSync(packed)) {
    for (const problem of problemsOf(join(packed, tarball))) problems.push(`${tarball}: ${problem}`);
  }
  pnpm("--recursive", "publish", "--dry-run", "--no-git-checks");
} catch (error) {
  problems.push(`${error.message}\n${error.stdout ?? ""}`);
} finally {
  rmSync(packed, { recursive: true, force: true });
}

for (const problem of problems) console.error(problem);
console.error(problems.length === 0 ? `${folders.length} packages are fit to be published.` : "Nothing was published.");
process.exitCode = problems.length === 0 ? 0 : 1;

/** What is wrong with a tarball, and with the manifest in it. */
function* problemsOf(tarball) {
  const files = execFileSync("tar", ["-tzf", tarball], { encoding: "utf8" }).split("\n");
  for (const name of ["LICENSE", "README.md", "CHANGELOG.md"]) {
    if (!files.includes(`package/${name}`)) yield `has no ${name}`;
  }
  const manifest = JSON.parse(execFileSync("tar", ["-xzOf", tarball, "package/package.json"], { encoding: "utf8" }));
  if (!/^\d+\.\d+\.\d+$/.test(manifest.version) || manifest.version === "0.0.0") yield `is version ${manifest.version}`;
  for (const [name, range] of Object.entries({ ...manifest.dependencies, ...manifest.peerDependencies })) {
    if (!/^(?:[\^~]|>=)?\d/.test(range)) yield `depends on ${name} in the version "${range}", which no registry knows`;
  }
}

/** Runs the pnpm that runs this; by npx if another program does. */
function pnpm(...args) {
  const runner = process.env.npm_execpath ?? "";
  const [command, first] = /pnpm\.c?js$/.test(runner) ? [process.execPath, [runner]] : ["npx", ["-y", "pnpm@10"]];
  execFileSync(command, [...first, ...args], { cwd: root, encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
}

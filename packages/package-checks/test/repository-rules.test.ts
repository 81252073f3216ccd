import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { satisfies } from "semver";
import { describe, expect, test } from "vitest";
import { everythingBeneath, libraries, publicPackages, root, workspacePackages } from "./workspace.js";

const biome = join(root, "node_modules/.bin/biome");
const knip = join(import.meta.dirname, "../node_modules/.bin/knip");

/** What `biome lint --reporter=json` prints, as far as it is read here. */
interface BiomeReport {
  readonly summary: { readonly unchanged: number };
  readonly diagnostics: readonly { readonly category: string; readonly location: { readonly path: string } }[];
}

/** Output and exit code of a command that may fail. */
function attempt(command: string, args: readonly string[], cwd: string): { output: string; code: number } {
  try {
    return { output: execFileSync(command, args, { cwd, encoding: "utf8", stdio: "pipe" }), code: 0 };
  } catch (error) {
    const { stdout, stderr, status } = error as { stdout: string; stderr: string; status: number };
    return { output: stdout + stderr, code: status };
  }
}

describe("the import boundaries", () => {
  /** Which of these modules the lint lets these files import, of `[file, module]` each: all are looked at in one run. */
  function allowed(imports: readonly (readonly [file: string, module: string])[]): string[] {
    const copy = mkdtempSync(join(tmpdir(), "apns-boundaries-"));
    try {
      mkdirSync(join(copy, ".config"));
      cpSync(join(root, ".config/boundaries.jsonc"), join(copy, ".config/boundaries.jsonc"));
      writeFileSync(join(copy, "biome.json"), JSON.stringify({ root: true, extends: ["./.config/boundaries.jsonc"] }));
      // A folder for each import, so that one file may ask for several; the rows of the table name no folder below src and test.
      const probes = imports.map(([file, module], index) => {
        const path = file.replace(/\/(src|test)\//, `/$1/${index}/`);
        mkdirSync(dirname(join(copy, path)), { recursive: true });
        writeFileSync(join(copy, path), `import "${module}";\n`);
        return { path, module };
      });
      const files = probes.map(({ path }) => path);
      const { output } = attempt(biome, ["lint", "--reporter=json", "--max-diagnostics=none", ...files], copy);
      const { summary, diagnostics } = JSON.parse(output.split("\n")[0]!) as BiomeReport;
      expect(summary.unchanged).toBe(imports.length);
      for (const { category } of diagnostics) expect(category).toBe("lint/style/noRestrictedImports");
      const refused = new Set(diagnostics.map(({ location }) => location.path));
      return probes.filter(({ path }) => !refused.has(path)).map(({ module }) => module);
    } finally {
      rmSync(copy, { recursive: true, force: true });
    }
  }

  const packages = [
    "core",
    "core/der",
    "core/internal",
    "core/sender",
    "h2",
    "http2",
    "binary",
    "binary/wire",
    "credentials",
    "net",
    "processes",
    "simulator",
    "bridge",
    "telemetry",
    "node-apn",
    "apns2",
    "testkit",
  ];
  // For each package: what it may import of the others. Everything else must fail.
  test.each([
    ["core", []],
    ["h2", []],
    ["net", ["core", "core/der", "core/internal"]],
    ["http2", ["core", "core/der", "core/internal", "core/sender", "net", "h2"]],
    ["binary", ["core", "core/der", "core/internal", "core/sender", "net"]],
    ["credentials", ["core", "core/der", "core/internal"]],
    ["simulator", ["core", "core/der", "core/internal", "net", "h2", "binary/wire", "credentials"]],
    ["bridge", ["core", "core/der", "core/internal", "net", "binary/wire"]],
    ["processes", []],
    ["telemetry", ["core", "core/der", "core/internal"]],
    ["node-apn", ["core", "core/internal", "core/sender", "http2"]],
    ["apns2", ["core", "core/internal", "core/sender", "http2"]],
    ["testkit", ["core", "core/der", "core/internal", "credentials"]],
  ])("%s may import %j and no other package", (name, expected) => {
    const imports = packages
      .filter((other) => other !== name)
      .map((other) => [`packages/${name}/src/probe.ts`, `@apns/${other}`] as const);
    expect(allowed(imports).sort()).toEqual(expected.map((other) => `@apns/${other}`).sort());
  });

  test("core imports nothing of Node's, h2 only node:buffer", () => {
    expect(
      allowed([
        ["packages/core/src/probe.ts", "node:buffer"],
        ["packages/core/src/probe.ts", "./other.js"],
      ]),
    ).toEqual(["./other.js"]);
    expect(
      allowed([
        ["packages/h2/src/probe.ts", "node:buffer"],
        ["packages/h2/src/frame/probe.ts", "../other.js"],
        ["packages/h2/src/probe.ts", "node:net"],
      ]),
    ).toEqual(["node:buffer", "../other.js"]);
  });

  test("tests may import what they like, and so may apps", () => {
    expect(
      allowed([
        ["packages/core/src/probe.test.ts", "node:buffer"],
        ["packages/http2/test/probe.ts", "@apns/testkit"],
        ["apps/demo/src/probe.ts", "@apns/simulator"],
      ]),
    ).toEqual(["node:buffer", "@apns/testkit", "@apns/simulator"]);
  });
});

describe("the repository", () => {
  test.each([
    ["has no unused file, export or dependency", []],
    ["ships nothing that only tests use", ["--production", "--exclude", "binaries"]],
  ])("%s", (_, options) => {
    const { output, code } = attempt(knip, ["--config", ".config/knip.jsonc", "--no-progress", ...options], root);
    expect(code, output).toBe(0);
  });

  test("has at its top only what belongs there", () => {
    const tracked = execFileSync("git", ["ls-files", "--cached"], { cwd: root, encoding: "utf8" }).trim().split("\n");
    const top = new Set(tracked.map((path) => path.split("/")[0]!).filter((name) => !name.startsWith(".")));
    const expected = [
      "CONTRIBUTING.md",
      "LICENSE",
      "README.md",
      "SECURITY.md",
      "apps",
      "docs",
      "package.json",
      "packages",
      "pnpm-lock.yaml",
    ];
    expect([...top].sort()).toEqual([...expected, "pnpm-workspace.yaml", "tsconfig.base.json", "turbo.json"].sort());
  });

  test.each(["pnpm-lock.yaml", "packages/package-checks/matrix/projects/pnpm-lock.yaml"])(
    "keeps download addresses out of %s",
    (lockfile) => {
      expect(readFileSync(join(root, lockfile), "utf8")).not.toMatch(/tarball:|https?:\/\//);
    },
  );

  test("takes versions that several packages share from the catalog", () => {
    for (const { folder } of workspacePackages) {
      const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
      const versions = Object.values({ ...manifest.dependencies, ...manifest.devDependencies });
      for (const version of versions) expect(version).toMatch(/^(workspace:\^|catalog:)$/);
    }
  });

  test.each(publicPackages.map(({ name, folder }) => [name, folder]))(
    "%s runs on Node 20.19 with all it brings",
    (_, folder) => {
      const tooNew = everythingBeneath(folder).filter(({ node }) => node !== undefined && !satisfies("20.19.0", node));
      expect(tooNew).toEqual([]);
    },
  );

  test("publishes every public package openly, under its own version, with the Node it needs", () => {
    for (const { folder } of publicPackages) {
      const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
      expect(manifest).toMatchObject({
        license: "MIT",
        type: "module",
        // A bundler may leave out whatever it does not need, except the module that loads a polyfill (bundles.test.ts).
        sideEffects: manifest.name === "@apns/credentials" ? ["./dist/authority/x509.js"] : false,
        engines: { node: ">=20.19" },
        files: ["dist", "!dist/.tsbuildinfo", "src", "!src/**/*.test.ts", "CHANGELOG.md"],
        publishConfig: { access: "public" },
      });
      expect(readdirSync(folder)).toContain("README.md");
    }
  });

  test("lets every library be imported and required, by resolvers of any age", () => {
    for (const { folder } of libraries) {
      const { exports, main, types, typesVersions } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
      const subpaths = Object.keys(exports).filter((subpath) => subpath !== "./package.json");
      const builtFrom = (subpath: string) => exports[subpath].import.replace("./dist/", "");
      for (const subpath of subpaths) {
        const module = `./dist/${builtFrom(subpath)}`;
        const commonjs = `./dist/cjs/${builtFrom(subpath)}`;
        // The order decides: a Node that can require ES modules has one instance, however it is loaded.
        expect(JSON.stringify(exports[subpath])).toBe(
          JSON.stringify({ "module-sync": module, import: module, require: commonjs }),
        );
      }
      const declaration = (subpath: string) => `./dist/cjs/${builtFrom(subpath).replace(/\.js$/, ".d.ts")}`;
      expect({ main, types }).toEqual({ main: `./dist/cjs/${builtFrom(".")}`, types: declaration(".") });
      // TypeScript's "node10" knows no `exports`.
      const below = subpaths.filter((subpath) => subpath !== ".").map((path) => [path.slice(2), [declaration(path)]]);
      expect(typesVersions?.["*"] ?? {}).toEqual(Object.fromEntries(below));
    }
  });
});

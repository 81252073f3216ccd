// What every package's vitest project has in common. Tests run from source: an import of a sister
// package is resolved to that package's src, so that no build stands between an edit and its test.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { defineConfig, type TestProjectInlineConfiguration, type ViteUserConfig } from "vitest/config";

// Everything tested is on this machine, and none of it behind its proxy; tests that want one say so.
for (const name of Object.keys(process.env)) if (/^(https?|all|no)_proxy$/i.test(name)) delete process.env[name];

const root = join(dirname(fileURLToPath(import.meta.url)), "..");

/** `@apns/x` and `@apns/x/sub` → the TypeScript file that its `exports` entry is built from. */
function sourceAliases(): { find: RegExp; replacement: string }[] {
  return ["packages", "apps"].flatMap((group) =>
    readdirSync(join(root, group)).flatMap((folder) => {
      const manifestPath = join(root, group, folder, "package.json");
      if (!existsSync(manifestPath)) return [];
      const manifest = JSON.parse(readFileSync(manifestPath, "utf8")) as {
        name: string;
        exports?: Record<string, string | { default: string }>;
      };
      return Object.entries(manifest.exports ?? {}).flatMap(([subpath, target]) =>
        typeof target === "string"
          ? []
          : {
              find: new RegExp(`^${manifest.name}${subpath.slice(1)}$`),
              replacement: join(root, group, folder, target.default.replace("/dist/", "/src/").replace(/\.js$/, ".ts")),
            },
      );
    }),
  );
}

/** Tests that need more than Node and this repository, by what they need: file patterns, from the package's folder. */
export interface Groups {
  /** Programs and packages of others: curl, openssl, nginx, h2load, PHP, Java, node-apn … */
  readonly interop?: readonly string[];
  /** Chromium. */
  readonly browser?: readonly string[];
}

/**
 * A package's configuration: a vitest project for each group of its tests, named `<folder>:unit`, `<folder>:interop` and
 * `<folder>:browser`. What is in no group is a unit test.
 */
export function project(
  configUrl: string,
  groups: Groups = {},
  overrides: ViteUserConfig["test"] = {},
): ViteUserConfig {
  const folder = dirname(fileURLToPath(configUrl));
  const { interop = [], browser = [] } = groups;
  const everything = ["src/**/*.test.ts", "test/**/*.test.ts"];
  const group = (
    name: string,
    include: readonly string[],
    exclude: readonly string[] = [],
  ): TestProjectInlineConfiguration => ({
    root: folder,
    resolve: { alias: sourceAliases() },
    test: {
      name: `${basename(folder)}:${name}`,
      include: [...include],
      exclude: [...exclude],
      testTimeout: 20_000,
      hookTimeout: 20_000,
      // A worker runs one file after the other: loading modules anew for each file costs more than most files' tests. So a
      // test puts back what it changes of the process.
      isolate: false,
      ...overrides,
    },
  });
  return defineConfig({
    root: folder,
    test: {
      projects: [
        group("unit", everything, [...interop, ...browser]),
        ...(interop.length > 0 ? [group("interop", interop)] : []),
        ...(browser.length > 0 ? [group("browser", browser)] : []),
      ],
      maxWorkers: "100%",
      // The report is what the closing table of `npx pnpm@10 test` is made of.
      reporters: ["default", ["json", { outputFile: join(folder, ".reports/vitest.json") }]],
    },
  });
}

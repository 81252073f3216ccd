// What every package's vitest project has in common. Tests run from source: an import of a sister
// package is resolved to that package's src, so that no build stands between an edit and its test.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { TestProjectInlineConfiguration, ViteUserConfig } from "vitest/config";

// Everything tested is on this machine, and none of it behind its proxy; tests that want one say so.
for (const name of Object.keys(process.env)) if (/^(https?|all|no)_proxy$/i.test(name)) delete process.env[name];

type ProjectConfig = NonNullable<TestProjectInlineConfiguration["test"]>;

/** Every core: most tests wait for the network half of their time. */
export const maxWorkers = "100%";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");

/** `@apns/x` and `@apns/x/sub` → the TypeScript file that its `exports` entry is built from. */
function sourceAliases(): { find: RegExp; replacement: string }[] {
  return ["packages", "apps"].flatMap((group) =>
    readdirSync(join(root, group)).flatMap((folder) => {
      const manifestPath = join(root, group, folder, "package.json");
      if (!existsSync(manifestPath)) return [];
      const manifest = JSON.parse(readFileSync(manifestPath, "utf8")) as {
        name: string;
        exports?: Record<string, string | { import: string } | { default: string }>;
      };
      return Object.entries(manifest.exports ?? {}).flatMap(([subpath, target]) => {
        if (typeof target === "string") return [];
        const built = "import" in target ? target.import : target.default;
        return {
          find: new RegExp(`^${manifest.name}${subpath.slice(1)}$`),
          replacement: join(root, group, folder, built.replace("/dist/", "/src/").replace(/\.js$/, ".ts")),
        };
      });
    }),
  );
}

/** The test files that need more than Node and this repository, as patterns from the package's folder. */
export interface Groups {
  /** Programs and packages of others: curl, openssl, nginx, h2load, PHP, Java, node-apn … */
  readonly interop?: readonly string[];
  /** Chromium. */
  readonly browser?: readonly string[];
}

/**
 * A package's configuration: a vitest project for each group of its tests, named `<folder>:unit`, `<folder>:interop` and
 * `<folder>:browser`. A test file that is in no group is a unit test.
 */
export function project(
  configUrl: string,
  groups: Groups = {},
  overrides: ProjectConfig = {},
): ViteUserConfig & { readonly test: { readonly projects: TestProjectInlineConfiguration[] } } {
  const folder = dirname(fileURLToPath(configUrl));
  const group = (name: string, config: ProjectConfig): TestProjectInlineConfiguration => ({
    root: folder,
    resolve: { alias: sourceAliases() },
    test: {
      name: `${basename(folder)}:${name}`,
      // A test that takes this long hangs, also on a busy machine.
      testTimeout: 60_000,
      hookTimeout: 60_000,
      // A worker runs its files one after the other with the modules loaded once: to load them for each file took as long as
      // the tests. So a test restores what it changes in its process.
      isolate: false,
      ...overrides,
      ...config,
    },
  });
  const interop = [...(groups.interop ?? [])];
  const browser = [...(groups.browser ?? [])];
  const unit = group("unit", {
    include: ["src/**/*.test.ts", "test/**/*.test.ts"],
    exclude: [...interop, ...browser],
  });
  return {
    root: folder,
    test: {
      projects: [
        unit,
        ...(interop.length > 0 ? [group("interop", { include: interop })] : []),
        // One page at a time, behind the other groups: a page that moves takes a core.
        ...(browser.length > 0
          ? [group("browser", { include: browser, maxWorkers: 1, sequence: { groupOrder: 1 } })]
          : []),
      ],
      maxWorkers,
      // The closing table of `npx pnpm@10 test` is made of these.
      reporters: ["default", ["json", { outputFile: join(folder, ".reports/vitest.json") }]],
    },
  };
}

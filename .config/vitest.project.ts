// What every package's vitest project has in common. Tests run from source: an import of a sister
// package is resolved to that package's src, so that no build stands between an edit and its test.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { defineConfig, type ViteUserConfig } from "vitest/config";

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

export function project(configUrl: string, overrides: ViteUserConfig["test"] = {}): ViteUserConfig {
  const folder = dirname(fileURLToPath(configUrl));
  return defineConfig({
    root: folder,
    resolve: { alias: sourceAliases() },
    test: {
      name: basename(folder),
      include: ["src/**/*.test.ts", "test/**/*.test.ts"],
      testTimeout: 20_000,
      hookTimeout: 20_000,
      // The report is what the closing table of `npx pnpm@10 test` is made of.
      reporters: ["default", ["json", { outputFile: join(folder, ".reports/vitest.json") }]],
      ...overrides,
    },
  });
}

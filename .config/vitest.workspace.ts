// The tests of every package in one process: `npx pnpm@10 test:watch`, and one group of all of them (`test:unit` and its like).
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { loadConfigFromFile } from "vite";
import { defineConfig, type ViteUserConfig } from "vitest/config";

const root = fileURLToPath(new URL("..", import.meta.url));
const paths = ["packages", "apps"]
  .flatMap((group) => readdirSync(join(root, group)).map((name) => join(root, group, name, "vitest.config.ts")))
  .filter((path) => existsSync(path));
const packages = await Promise.all(paths.map((path) => loadConfigFromFile({ command: "serve", mode: "test" }, path)));

export default defineConfig({
  root,
  test: {
    projects: packages.flatMap((loaded) => (loaded!.config as ViteUserConfig).test!.projects!),
    maxWorkers: "100%",
  },
});

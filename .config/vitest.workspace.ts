// The tests of every package in one process: `npx pnpm@10 test:watch`, and one group of all of them (`test:unit` and its like).
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { loadConfigFromFile } from "vite";
import { defineConfig } from "vitest/config";
import { maxWorkers, type project } from "./vitest.project.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const paths = ["packages", "apps"]
  .flatMap((group) => readdirSync(join(root, group)).map((name) => join(root, group, name, "vitest.config.ts")))
  .filter((path) => existsSync(path));
const loaded = await Promise.all(paths.map((path) => loadConfigFromFile({ command: "serve", mode: "test" }, path)));
const packages = loaded.map((file) => file!.config as ReturnType<typeof project>);

export default defineConfig({ root, test: { projects: packages.flatMap(({ test }) => test.projects), maxWorkers } });

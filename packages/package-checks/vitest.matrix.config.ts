import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { project } from "../../.config/vitest.project.ts";

const [unit] = project(import.meta.url).test.projects;

/** What loads the packages, of every kind and age: minutes, and hundreds of megabytes from the registry (CONTRIBUTING.md). */
export default defineConfig({
  root: import.meta.dirname,
  resolve: unit?.resolve ?? {},
  test: {
    ...unit?.test,
    name: "matrix",
    include: ["matrix/*.test.ts"],
    testTimeout: 600_000,
    hookTimeout: 60_000,
    globalSetup: fileURLToPath(new URL("matrix/global-setup.ts", import.meta.url)),
    reporters: ["verbose"],
  },
});

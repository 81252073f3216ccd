// `npx pnpm@10 test:watch`: every package's tests in one watching process.
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: { projects: ["packages/*", "apps/*"] },
  root: fileURLToPath(new URL("..", import.meta.url)),
});

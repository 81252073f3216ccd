// `npx pnpm@10 test:watch`: every package's tests in one watching process.
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: { projects: ["packages/*", "apps/*"] },
  root: new URL("..", import.meta.url).pathname,
});

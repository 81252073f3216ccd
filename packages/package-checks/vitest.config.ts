import { project } from "../../.config/vitest.project.ts";

export default project(import.meta.url, {
  testTimeout: 120_000,
  hookTimeout: 120_000,
  globalSetup: "test/global-setup.ts",
});

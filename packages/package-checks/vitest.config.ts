import { fileURLToPath } from "node:url";
import { project } from "../../.config/vitest.project.ts";

export default project(
  import.meta.url,
  {},
  {
    testTimeout: 120_000,
    hookTimeout: 120_000,
    globalSetup: fileURLToPath(new URL("test/global-setup.ts", import.meta.url)),
  },
);

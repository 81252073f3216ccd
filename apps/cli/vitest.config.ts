import { project } from "../../.config/vitest.project.ts";

export default project(import.meta.url, {
  interop: ["test/completion.test.ts", "test/bridge-judges.test.ts", "test/bridge-units.test.ts"],
});

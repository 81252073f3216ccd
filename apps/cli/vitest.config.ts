import { project } from "../../.config/vitest.project.ts";

// Many tests start processes, which wait for their turn on a busy machine.
export default project(import.meta.url, { interop: ["test/completion.test.ts"] }, { testTimeout: 60_000 });

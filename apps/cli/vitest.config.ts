import { project } from "../../.config/vitest.project.ts";

// Nearly every test starts processes, which wait for their turn on a busy machine.
export default project(import.meta.url, { testTimeout: 60_000 });

import { project } from "../../.config/vitest.project.ts";

export default project(import.meta.url, { interop: ["test/original.test.ts", "test/typings.test.ts"] });

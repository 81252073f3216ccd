import { project } from "../../.config/vitest.project.ts";

export default project(import.meta.url, { browser: ["test/page*.test.ts"] });

import { project } from "../../.config/vitest.project.ts";

export default project(import.meta.url);

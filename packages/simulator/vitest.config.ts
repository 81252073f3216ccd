import { project } from "../../.config/vitest.project.ts";

export default project(import.meta.url, {
  interop: [
    "test/apn-1.7.8.test.ts",
    "test/credentials-folder.test.ts",
    "test/h2spec.test.ts",
    "test/judges.test.ts",
    "test/npm-peers.test.ts",
  ],
});

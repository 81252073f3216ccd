// `pnpm demo`, `pnpm bench` and `pnpm fuzz`: builds the app of that name and what it needs (turbo remembers), then runs it in this process.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const root = join(import.meta.dirname, "..");
const [app] = process.argv.splice(2, 1);

const build = ["run", "build", `--filter=@apns/${app}...`, "--output-logs=errors-only", "--log-order=grouped"];
const { status } = spawnSync(join(root, "node_modules/.bin/turbo"), build, {
  cwd: root,
  // Only the app may print to stdout: with --json it prints one JSON object.
  stdio: ["ignore", 2, 2],
  env: { ...process.env, TURBO_TELEMETRY_DISABLED: "1" },
});
if (status !== 0) process.exit(1);
await import(pathToFileURL(join(root, "apps", app, "dist/main.js")).href);

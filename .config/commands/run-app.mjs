// What the `demo` and `bench` commands have in common: build what has changed, quietly and on stderr, then run.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const root = join(import.meta.dirname, "../..");

/** Builds the app of this folder and what it needs (turbo remembers), then runs its main module in this process. */
export async function runApp(folder) {
  const build = ["run", "build", `--filter=@apns/${folder}...`, "--output-logs=errors-only", "--log-order=grouped"];
  const { status } = spawnSync(join(root, "node_modules/.bin/turbo"), build, {
    cwd: root,
    // Nothing but what the app prints may reach stdout: it may be one JSON object.
    stdio: ["ignore", 2, 2],
    env: { ...process.env, TURBO_TELEMETRY_DISABLED: "1" },
  });
  if (status !== 0) process.exit(1);
  await import(pathToFileURL(join(root, "apps", folder, "dist/main.js")).href);
}

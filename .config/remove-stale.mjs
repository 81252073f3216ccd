// Behind the compiler, in a package's folder: it leaves in `dist` what it has made of a source that is gone, and pnpm would pack that.
import { existsSync } from "node:fs";
import { readdir, rm } from "node:fs/promises";
import { resolve } from "node:path";

for (const file of await readdir("dist", { recursive: true })) {
  // dist/cjs is made anew by each build.
  const source = /^(?!cjs\/)(.*)\.(?:js|d\.ts|d\.ts\.map)$/.exec(file)?.[1];
  if (source !== undefined && !existsSync(resolve("src", `${source}.ts`))) await rm(resolve("dist", file));
}

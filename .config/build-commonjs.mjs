// The CommonJS build of the package in whose folder this runs, out of its ES build: dist/cjs, module by module, with declarations.
// docs/decisions/0019-commonjs-beside-es-modules.md says why there is one.
import { cp, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { rolldown } from "rolldown";
import "./remove-stale.mjs";

const dist = resolve("dist");
const target = join(dist, "cjs");
await rm(target, { recursive: true, force: true });
const built = await readdir(dist, { recursive: true });

/** Every module is an entry, and keeps its place: some are loaded by their URL, as a worker is. */
async function writeModules() {
  const entries = built
    .filter((file) => file.endsWith(".js"))
    .map((file) => [file.replace(/\.js$/, ""), join(dist, file)]);
  const bundle = await rolldown({
    input: Object.fromEntries(entries),
    platform: "node",
    // What a package needs is installed with it.
    external: (specifier) => !/^[./]/.test(specifier),
  });
  await bundle.write({
    dir: target,
    format: "cjs",
    preserveModules: true,
    preserveModulesRoot: dist,
    exports: "named",
    esModule: true,
    entryFileNames: "[name].js",
    sourcemap: false,
  });
}

/** They are the same, but a declaration belongs to the module that lies beside it. */
async function copyDeclarations() {
  for (const file of built.filter((path) => path.endsWith(".d.ts"))) {
    await mkdir(dirname(join(target, file)), { recursive: true });
    await cp(join(dist, file), join(target, file));
    const map = JSON.parse(await readFile(join(dist, `${file}.map`), "utf8"));
    map.sources = map.sources.map((source) => `../${source}`);
    await writeFile(join(target, `${file}.map`), JSON.stringify(map));
  }
}

await writeModules();
await copyDeclarations();
await writeFile(join(target, "package.json"), `${JSON.stringify({ type: "commonjs" }, null, 2)}\n`);

// `node bundle.mjs esbuild-esm`: makes one file of run.mjs or run.cjs, of which every package is a part.
const makers = {
  "esbuild-esm": async (outfile) => {
    const { build } = await import("esbuild");
    await build({ entryPoints: ["run.mjs"], bundle: true, platform: "node", format: "esm", outfile });
  },
  "esbuild-cjs": async (outfile) => {
    const { build } = await import("esbuild");
    await build({ entryPoints: ["run.cjs"], bundle: true, platform: "node", format: "cjs", outfile });
  },
  webpack: async (_outfile) => {
    const { default: webpack } = await import("webpack");
    const output = { path: import.meta.dirname, filename: "webpack.out.cjs" };
    const compiler = webpack({ entry: "./run.mjs", mode: "production", target: "node20", output });
    const stats = await new Promise((resolve, reject) => {
      compiler.run((error, result) => (error ? reject(error) : resolve(result)));
    });
    if (stats.hasErrors() || stats.hasWarnings()) throw new Error(stats.toString());
  },
  rollup: async (file) => {
    const { rollup } = await import("rollup");
    const { default: commonjs } = await import("@rollup/plugin-commonjs");
    const { nodeResolve } = await import("@rollup/plugin-node-resolve");
    const plugins = [nodeResolve({ exportConditions: ["node"] }), commonjs()];
    const bundle = await rollup({ input: "run.mjs", plugins });
    await bundle.write({ file, format: "esm" });
  },
  vite: async () => {
    const { build } = await import("vite");
    const rollupOptions = { output: { entryFileNames: "vite.out.mjs" } };
    const options = { ssr: "run.mjs", outDir: ".", emptyOutDir: false, rollupOptions };
    await build({ configFile: false, publicDir: false, build: options, ssr: { noExternal: true } });
  },
  tsup: async () => {
    const { build } = await import("tsup");
    const entry = { "tsup.out": "run.ts" };
    const outExtension = ({ format }) => ({ js: format === "esm" ? ".mjs" : ".cjs" });
    await build({ entry, format: ["esm", "cjs"], outDir: ".", outExtension, noExternal: [/.*/], config: false });
  },
};

const [name] = process.argv.slice(2);
await makers[name](`${name}.out.${name.endsWith("cjs") ? "cjs" : "mjs"}`);

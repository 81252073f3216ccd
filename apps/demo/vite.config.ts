// The page: built beside the server that serves it.
import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

export default defineConfig({
  root: fileURLToPath(new URL("site/", import.meta.url)),
  build: {
    outDir: "../dist/site",
    emptyOutDir: true,
    target: "es2022",
    // Everything in files of its own: the page's policy allows nothing inline.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});

// Puts jsonwebtoken, and all it needs, into dist/auth/jsonwebtoken.js, the one module that imports it; their licences beside it.
// (A file with "license" in its name would keep pnpm from packing the LICENSE of the repository.)
// docs/decisions/0018-jsonwebtoken-is-bundled.md says why.
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { rolldown } from "rolldown";
import { esmExternalRequirePlugin } from "rolldown/plugins";

const folder = join(import.meta.dirname, "../dist/auth");
const file = join(folder, "jsonwebtoken.js");

// The compiler leaves a module as it is whose source has not changed: then the library is in it already.
if (/from "jsonwebtoken"/.test(readFileSync(file, "utf8"))) {
  const bundle = await rolldown({
    input: file,
    platform: "node",
    // `require("crypto")` of the library becomes an import of the module.
    plugins: [esmExternalRequirePlugin({ external: [/^(node:)?(buffer|crypto|stream|util)$/] })],
  });
  const { output } = await bundle.write({ file, format: "esm" });
  writeFileSync(join(folder, "jsonwebtoken.notices.txt"), licencesOf(output[0].moduleIds));
}

/** Name, version and licence of each package of others that modules are from. */
function licencesOf(moduleIds) {
  const folders = new Set(moduleIds.filter((id) => /[\\/]node_modules[\\/]/.test(id)).map(packageFolderOf));
  const licences = [...folders].map((place) => {
    const { name, version } = JSON.parse(readFileSync(join(place, "package.json"), "utf8"));
    const licence = readdirSync(place).find((entry) => /^licen[cs]e/i.test(entry));
    if (licence === undefined) throw new Error(`${name} ${version} has no licence to hand on`);
    return `${name} ${version}\n\n${readFileSync(join(place, licence), "utf8").trim()}\n`;
  });
  return `${relative(folder, file)} holds these packages.\n\n${licences.sort().join(`\n${"-".repeat(80)}\n\n`)}`;
}

function packageFolderOf(path) {
  const folder = dirname(path);
  return existsSync(join(folder, "package.json")) ? folder : packageFolderOf(folder);
}

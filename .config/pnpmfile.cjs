// pnpm prints the name and the text of a script to stdout before it runs it. The stdout of these belongs to the app: with
// --json it is one JSON object. An installation that runs first is a pnpm process of its own, and reports its errors.
const quietScripts = ["bench", "demo", "fuzz"];

// Author, repository, home page and tracker stand in the manifest of the repository only; each package is packed with its own.
const { join, relative } = require("node:path");

const root = join(__dirname, "..");
const { author, repository } = require("../package.json");
const page = repository.url.replace(/^git\+/, "").replace(/\.git$/, "");

module.exports = {
  hooks: {
    beforePacking(manifest, folder) {
      const directory = relative(root, folder).replaceAll("\\", "/");
      return {
        ...manifest,
        author,
        repository: { ...repository, directory },
        homepage: `${page}/tree/main/${directory}#readme`,
        bugs: { url: `${page}/issues` },
      };
    },
    updateConfig(config) {
      const [command, script] = process.argv.slice(2).filter((word) => !word.startsWith("-"));
      if (quietScripts.includes(command === "run" ? script : command)) config.reporter = "silent";
      return config;
    },
  },
};

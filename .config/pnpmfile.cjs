// pnpm prints the name and the text of a script to stdout before it runs it. The stdout of these belongs to the app: with
// --json it is one JSON object. An installation that runs first is a pnpm process of its own, and reports its errors.
const quietScripts = ["bench", "demo", "fuzz"];

module.exports = {
  hooks: {
    updateConfig(config) {
      const [command, script] = process.argv.slice(2).filter((word) => !word.startsWith("-"));
      if (quietScripts.includes(command === "run" ? script : command)) config.reporter = "silent";
      return config;
    },
  },
};

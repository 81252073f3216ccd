// `pnpm start [name …]`: plays the examples against Apple's stand-in and shows what it received.
import { examples } from "./examples.js";
import { Stage } from "./stage.js";

const known = Object.keys(examples);
const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !known.includes(name));

if (unknown.length > 0) {
  process.stderr.write(`examples: ${unknown.join(", ")}: not one of ${known.join(", ")}\n`);
  process.exitCode = 2;
} else {
  const stage = await Stage.open();
  try {
    for (const name of asked.length === 0 ? known : asked) {
      const outcome = await stage.play(name);
      if (outcome.kind !== "accepted") process.exitCode = 1;
      const { topic, pushType, priority, expiration, payload } = stage.apple.received.at(-1)!;
      const headers = [`topic ${topic}`, `push type ${pushType}`, `priority ${priority}`, `expiration ${expiration}`];
      const shown = payload.length > 400 ? `${payload.slice(0, 400)}…` : payload;
      process.stdout.write(`${name}: ${outcome.kind}\n  ${headers.join(", ")}\n  ${shown}\n`);
    }
  } finally {
    await stage.close();
  }
}

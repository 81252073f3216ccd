import { demo } from "./demo.js";
import { helpText, parseOptions, UsageError } from "./options.js";

try {
  const options = parseOptions(process.argv.slice(2));
  if (options.help) {
    process.stdout.write(helpText);
  } else {
    const balanced = await demo(options, (text) => process.stdout.write(text));
    process.exitCode = balanced ? 0 : 1;
  }
} catch (error) {
  const { message } = error as Error;
  process.stderr.write(`demo: ${message}${error instanceof UsageError ? "; see --help" : ""}\n`);
  process.exitCode = error instanceof UsageError || /EADDRINUSE|in use/.test(message) ? 2 : 1;
}

import { balances } from "./books.js";
import { demo } from "./demo.js";
import { helpText, parseOptions, UsageError } from "./options.js";
import { servePage } from "./page/serve-page.js";

try {
  const options = parseOptions(process.argv.slice(2));
  if (options.help) {
    process.stdout.write(helpText);
  } else {
    const print = (text: string): void => void process.stdout.write(text);
    const page = await servePage(options, print);
    try {
      const reports = await demo(options, print);
      process.exitCode = reports.every(balances) ? 0 : 1;
      page?.keep(options, reports);
      await page?.stay();
    } finally {
      await page?.close();
    }
  }
} catch (error) {
  const { message } = error as Error;
  process.stderr.write(`demo: ${message}${error instanceof UsageError ? "; see --help" : ""}\n`);
  process.exitCode = error instanceof UsageError || /EADDRINUSE|in use/.test(message) ? 2 : 1;
}

import type { DemoOptions } from "../options.js";
import type { WireReport } from "../report.js";
import { commandLineReport } from "./command-line-report.js";
import { PageServer } from "./page-server.js";

/** The port of the page, unless it is taken. */
const usualPort = 8090;

/** The page of one call of the demo. */
export interface ServedPage {
  /** Shows what the command line has measured. */
  keep(options: DemoOptions, reports: readonly WireReport[]): void;
  /** Goes on serving for as long as somebody may look at it: see `--page`. */
  stay(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Serves the page, if it is wanted, and says where.
 * @throws if the port asked for is taken
 */
export async function servePage(options: DemoOptions, print: (text: string) => void): Promise<ServedPage | undefined> {
  if (options.page === "never") return undefined;
  const server = await listen(options.port);
  print(`Watch both wires work, and break them: ${server.url}\n\n`);
  return {
    keep: (asked, reports) => server.keep(commandLineReport(asked, reports)),
    stay: async () => {
      const somebodyLooks = process.stdout.isTTY === true || options.page === "always" || server.pages > 0;
      if (!somebodyLooks) return;
      print(`\nThe page stays at ${server.url} until Ctrl-C.\n`);
      await interruption();
    },
    close: () => server.close(),
  };
}

async function listen(port: number | undefined): Promise<PageServer> {
  if (port !== undefined) return PageServer.start({ port });
  try {
    return await PageServer.start({ port: usualPort });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE") throw error;
    return PageServer.start({ port: 0 });
  }
}

/** Until then a Ctrl-C ends the demo as it ends any program. */
function interruption(): Promise<void> {
  return new Promise((resolve) => {
    process.once("SIGINT", () => resolve());
    process.once("SIGTERM", () => resolve());
  });
}

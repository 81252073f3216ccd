// The built demo with its page, and a real browser to look at it.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { type Browser, chromium, type Page } from "playwright-core";

const main = join(import.meta.dirname, "../dist/main.js");

const executablePath = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(existsSync);

/** Whether there is a browser on this machine. */
export const hasBrowser: boolean = executablePath !== undefined;

export function launchBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: executablePath!, args: ["--no-sandbox"] });
}

/** A demo that serves its page until it is stopped. */
export class DemoServer {
  readonly url: string;
  readonly port: number;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, url: string) {
    this.#child = child;
    this.url = url;
    this.port = Number(new URL(url).port);
  }

  /** @param port 0: any free one */
  static async start(port = 0): Promise<DemoServer> {
    const child = spawn(process.execPath, [main, "--page", "--port", String(port), "--count", "200"], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    for await (const line of createInterface({ input: child.stdout })) {
      const url = /http:\/\/127\.0\.0\.1:\d+\//.exec(line)?.[0];
      if (url === undefined) continue;
      // What else it prints must not fill the pipe.
      child.stdout.resume();
      return new DemoServer(child, url);
    }
    throw new Error("The demo ended without an address.");
  }

  /** Ctrl-C. @returns its exit code */
  async stop(): Promise<number | null> {
    if (this.#child.exitCode !== null) return this.#child.exitCode;
    const exited = once(this.#child, "exit");
    this.#child.kill("SIGINT");
    const [code] = await exited;
    return code as number | null;
  }
}

/** A page that is connected, with other settings for runs than its own. */
export async function openPage(
  browser: Browser,
  url: string,
  options: Parameters<Browser["newContext"]>[0] = {},
  settings: Readonly<Record<string, number>> = {},
): Promise<Page> {
  const context = await browser.newContext(options);
  await context.addInitScript((kept) => localStorage.setItem("settings", kept), JSON.stringify(settings));
  const page = await context.newPage();
  await page.goto(url);
  await page.waitForSelector(".link-open");
  return page;
}

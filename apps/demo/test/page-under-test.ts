// The built demo with its page, and a real browser to look at it.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect } from "vitest";
import type { RunSettings } from "../src/page/protocol.ts";

const main = join(import.meta.dirname, "../dist/main.js");

// The one without windows takes less than half the CPU time of the others for the same pages.
const executablePath = [
  "/usr/bin/chromium-headless-shell",
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
].find(existsSync);

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
      // Behind its own run, whose report would else come in the middle of a test.
      const url = /^The page stays at (http:\/\/127\.0\.0\.1:\d+\/)/.exec(line)?.[1];
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

export interface Surroundings {
  readonly server: DemoServer;
  readonly browser: Browser;
  /** A page that is connected, with other settings for runs than its own. */
  open(settings?: Partial<RunSettings>, options?: Parameters<Browser["newContext"]>[0]): Promise<Page>;
}

/** Tests in a browser, which share a server; skipped, and loudly, where there is no browser. */
export function describePage(title: string, tests: (around: Surroundings) => void): void {
  if (executablePath === undefined) process.stderr.write(`No chromium here: "${title}" is skipped.\n`);
  describe.skipIf(executablePath === undefined)(title, { timeout: 90_000 }, () => {
    let server: DemoServer;
    let browser: Browser;

    beforeAll(async () => {
      [server, browser] = await Promise.all([
        DemoServer.start(),
        chromium.launch({ executablePath: executablePath!, args: ["--no-sandbox"] }),
      ]);
    }, 60_000);

    afterAll(async () => {
      await browser?.close();
      expect(await server?.stop()).toBe(0);
    });

    tests({
      get server() {
        return server;
      },
      get browser() {
        return browser;
      },
      open: (settings = {}, options = {}) => openPage(browser, server.url, settings, options),
    });
  });
}

export async function openPage(
  browser: Browser,
  url: string,
  settings: Partial<RunSettings> = {},
  options: Parameters<Browser["newContext"]>[0] = {},
): Promise<Page> {
  const context = await browser.newContext(options);
  // What CI's other work delays is no failure; each test has its own end.
  context.setDefaultTimeout(60_000);
  await context.addInitScript((kept) => localStorage.setItem("settings", kept), JSON.stringify(settings));
  const page = await context.newPage();
  await page.goto(url);
  await page.waitForSelector(".link-open");
  seenRuns.set(page, new Set((await runsOf(page)).map(({ id }) => id)));
  return page;
}

export function click(page: Page, text: string): Promise<void> {
  return page.getByRole("button", { name: text, exact: true }).click();
}

/** The cells of a row of the comparison. */
export function columns(page: Page, row: string): Promise<string[]> {
  return page.locator(`[data-row="${row}"] td`).allTextContents();
}

/** The same as numbers. */
export async function figures(page: Page, row: string): Promise<number[]> {
  return (await columns(page, row)).map((text) => Number(text.replaceAll(",", "")));
}

/** The runs that a page had when it was opened, or that its test has seen end: a server keeps those of earlier tests. */
const seenRuns = new WeakMap<Page, Set<string>>();

/** The runs a page has, newest first: their ids and titles. */
function runsOf(page: Page): Promise<{ id: string; title: string }[]> {
  return page
    .locator(".runs li")
    .evaluateAll((items) =>
      items.map((item) => ({ id: item.getAttribute("data-run") ?? "", title: item.textContent ?? "" })),
    );
}

/** Waits until a run with this in its title is over that has not been before, by which it is the one that is compared. */
export async function runEnded(page: Page, title: string): Promise<void> {
  const seen = seenRuns.get(page)!;
  const fresh = async (): Promise<string | undefined> =>
    (await runsOf(page)).find((run) => !seen.has(run.id) && run.title.includes(title))?.id;
  await expect.poll(fresh, { timeout: 60_000 }).toBeDefined();
  const id = (await fresh())!;
  seen.add(id);
  await expect.poll(() => page.locator(`.runs li[data-run="${id}"] input:checked`).count()).toBe(1);
  expect(await page.locator(".runs input:checked").count()).toBe(1);
}

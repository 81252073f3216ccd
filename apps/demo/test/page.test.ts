// The page in a real browser: what people press, and what they see of it.
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { DemoServer, hasBrowser, launchBrowser, openPage } from "./page-under-test.ts";

if (!hasBrowser) process.stderr.write("No chromium here: the tests of the demo's page are skipped.\n");

/** What each fault does, where it can be seen: in the figures of a lane, or in the timeline. */
const faults: readonly { name: string; sentence: string; effect?: [wire: 0 | 1, text: RegExp]; event?: RegExp }[] = [
  { name: "shutdown", sentence: "Everything up to the one named", event: /Shutdown \(status 10\)/ },
  { name: "badToken", sentence: "this one gets a 400", effect: [1, /1 refused/], event: /Error response: status 8/ },
  { name: "goAway", sentence: "Requests up to the one named are answered", event: /takes nothing more/ },
  { name: "cut", sentence: "Silence meant yes", effect: [0, /unconfirmed/] },
  { name: "oneStream", sentence: "Each connection sends one request", effect: [1, /down from/] },
  { name: "unavailable", sentence: "gets a 503 of its own", effect: [1, /refused/] },
  { name: "expiredToken", sentence: "the client signs a new pass", effect: [1, /refused|sent again|new connection/] },
  { name: "blackHole", sentence: "a PING is sent", effect: [1, /unconfirmed/] },
];

describe.skipIf(!hasBrowser)("the page", { timeout: 60_000 }, () => {
  let server: DemoServer;
  let browser: Browser;

  beforeAll(async () => {
    [server, browser] = await Promise.all([DemoServer.start(), launchBrowser()]);
  }, 60_000);

  afterAll(async () => {
    await browser?.close();
    expect(await server?.stop()).toBe(0);
  });

  const click = (page: Page, text: string): Promise<void> =>
    page.getByRole("button", { name: text, exact: true }).click();
  const columns = (page: Page, row: string): Promise<string[]> =>
    page.locator(`[data-row="${row}"] td`).allTextContents();

  test("runs some thousand notifications over both wires, and the books balance", async () => {
    const problems: string[] = [];
    const page = await openPage(
      browser,
      server.url,
      {},
      { count: 6000, badPercent: 1, unregisteredPercent: 1, seed: 3 },
    );
    page.on("pageerror", (error) => problems.push(error.message));
    await click(page, "Start");
    await page.locator('.runs li:has-text("6,000 notifications")').waitFor();
    expect(await columns(page, "Sent")).toEqual(["6,000", "6,000"]);
    expect(await columns(page, "Books")).toEqual(["balance", "balance"]);
    const accepted = await columns(page, "Accepted");
    expect(await columns(page, "Apple received")).toEqual(accepted);
    expect(await page.locator('[data-wire="http2"] .reasons').textContent()).toMatch(
      /BadDeviceToken \d+Unregistered \d+/,
    );
    expect(problems).toEqual([]);
    await page.context().close();
  });

  test("pauses, goes on, and stops with balanced books", async () => {
    const page = await openPage(browser, server.url, {}, { count: 200_000, perSecond: 2000, seed: 4 });
    await click(page, "Start");
    await page.locator('[data-wire="binary"] .pill[data-state="running"]').waitFor();
    await click(page, "Pause");
    await page.locator('[data-wire="binary"] .pill[data-state="paused"]').waitFor();
    await click(page, "Go on");
    await page.locator('[data-wire="binary"] .pill[data-state="running"]').waitFor();
    await click(page, "Stop");
    await page.locator(".runs li:has-text('stopped')").waitFor();
    expect(await columns(page, "Books")).toEqual(["balance", "balance"]);
    await page.context().close();
  });

  test("shows what each fault does, and says it in a sentence", async () => {
    const page = await openPage(browser, server.url, {}, { count: 900_000, perSecond: 3000 });
    await click(page, "Start");
    await page.locator('[data-wire="binary"] .pill[data-state="running"]').waitFor();
    // The gateway can name what it accepted only after it has accepted something.
    await page.locator('[data-wire="http2"] [data-figure="accepted"]', { hasText: /\d,\d/ }).waitFor();
    for (const { name, sentence, effect, event } of faults) {
      await page.locator(`[data-fault="${name}"]`).click();
      const told = page.locator(`[data-told="${name}"]`);
      await told.locator(".verdict").waitFor();
      expect(await told.textContent()).toContain(sentence);
      if (effect !== undefined) {
        const [wire, text] = effect;
        await told.locator(".effect dd").nth(wire).filter({ hasText: text }).waitFor();
      }
      if (event !== undefined) await page.locator(".timeline li").filter({ hasText: event }).first().waitFor();
    }
    await click(page, "Stop");
    await page.locator(".runs li:has-text('stopped')").first().waitFor();
    await page.context().close();
  });

  test("delivers one notification to a phone over either wire, byte by byte", async () => {
    const page = await openPage(browser, server.url);
    const form = page.getByRole("form", { name: "One notification" });
    for (const [wire, frame] of [
      ["http2", "HEADERS"],
      ["binary", "command 2"],
    ] as const) {
      await form.getByLabel("Over").selectOption(wire);
      await form.getByLabel("Title").fill(`Over ${wire}`);
      await form.getByRole("button", { name: "Send" }).click();
      await page.locator('[data-phone="Ada"] .shown', { hasText: `Over ${wire}` }).waitFor();
      await page.locator(".frame", { hasText: frame }).first().waitFor();
    }
    const ada = page.locator('[data-phone="Ada"]');
    await ada.getByRole("button", { name: "Remove app" }).click();
    await ada.locator('[data-installed="false"]').waitFor();
    await form.getByLabel("Over").selectOption("http2");
    await form.getByRole("button", { name: "Send" }).click();
    await form.getByText("Rejected: 410, Unregistered.").waitFor();
    await page.context().close();
  });

  test("moves a share of the traffic to the other wire", async () => {
    const page = await openPage(browser, server.url, {}, { sharePercent: 30 });
    await click(page, "Start a move of 60,000 notifications");
    await page.locator('[data-side="http2"]', { hasText: /[1-9][\d,]* sent/ }).waitFor();
    await page.getByRole("slider").fill("100");
    await page.locator(".timeline", { hasText: "100 % of the device tokens go over HTTP/2" }).waitFor();
    await click(page, "Stop");
    await page.locator(".runs li", { hasText: "split · stopped" }).waitFor();
    expect(await columns(page, "Books")).toEqual(["balance", "balance"]);
    await page.context().close();
  });

  test("fits a phone's width, and is dark where the system is", async () => {
    const page = await openPage(browser, server.url, { viewport: { width: 390, height: 844 }, colorScheme: "dark" });
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
    expect(await page.evaluate(() => getComputedStyle(document.body).backgroundColor)).toBe("rgb(13, 15, 23)");
    await page.getByRole("radio", { name: "Light" }).click();
    expect(await page.evaluate(() => getComputedStyle(document.body).backgroundColor)).toBe("rgb(245, 246, 250)");
    await page.context().close();
  });

  test("shows a message pushed from outside, and says why one cannot be", async () => {
    const page = await openPage(browser, server.url);
    const push = async (to: string): Promise<[status: number, text: string]> => {
      const response = await fetch(`${server.url}api/messages`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ to, text: "Lunch is ready" }),
      });
      return [response.status, await response.text()];
    };
    expect(await push("all")).toEqual([200, "ok\n"]);
    await page.locator(".notice", { hasText: "Lunch is ready" }).waitFor();
    expect(await push("page-nobody")).toEqual([404, 'no page is registered under "page-nobody"\n']);
    expect(await push("Not an id")).toEqual([400, expect.stringContaining('must be the id of a page, or "all"')]);
    await page.context().close();
  });

  test("finds the server again after it has started anew", async () => {
    const first = await DemoServer.start();
    const page = await openPage(browser, first.url);
    await first.stop();
    await page.locator(".link-lost").waitFor();
    const second = await DemoServer.start(first.port);
    await page.locator(".link-open").waitFor();
    await page.context().close();
    await second.stop();
  });
});

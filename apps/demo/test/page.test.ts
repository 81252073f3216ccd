// The page in a real browser: what people press, and what they see of it.
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { click, columns, DemoServer, describePage, figures, openPage, runEnded } from "./page-under-test.ts";

describePage("the page", (around) => {
  test("runs some thousand notifications over both wires, and the books balance", async () => {
    const problems: string[] = [];
    const page = await around.open({ count: 6000, badPercent: 1, unregisteredPercent: 1, seed: 3 });
    page.on("pageerror", (error) => problems.push(error.message));
    await click(page, "Start");
    await runEnded(page, "6,000 notifications");
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
    const page = await around.open({ count: 200_000, perSecond: 2000, seed: 4 });
    const state = (is: string) => page.locator(`[data-wire="binary"] .pill[data-state="${is}"]`).waitFor();
    await click(page, "Start");
    await state("running");
    await click(page, "Pause");
    await state("paused");
    await click(page, "Go on");
    await state("running");
    await click(page, "Stop");
    await runEnded(page, "200,000 notifications · stopped");
    expect(await columns(page, "Books")).toEqual(["balance", "balance"]);
    await page.context().close();
  });

  test("stops a run that is stopped before it has begun", async () => {
    const page = await around.open({ count: 900_000, perSecond: 1000, seed: 5 });
    await click(page, "Start");
    await click(page, "Stop");
    await runEnded(page, "900,000 notifications · stopped");
    for (const count of await figures(page, "Sent")) expect(count).toBeLessThan(900_000);
    expect(await columns(page, "Books")).toEqual(["balance", "balance"]);
    await page.context().close();
  });

  test("takes every setting over, and refuses what cannot be", async () => {
    const page = await around.open();
    await page.getByText("More, wire by wire").click();
    const fields = [
      ["Notifications", "800"],
      ["Per second (0: max)", "0"],
      ["Bad tokens, %", "2"],
      ["Removed apps, %", "3"],
      ["Round trip, ms", "0"],
      ["Payload, bytes", "500"],
      ["Connections, each wire", "2"],
      ["Binary: barrier every", "100"],
      ["Binary: window", "300"],
      ["HTTP/2: streams", "50"],
      ["Seed", "7"],
    ] as const;
    for (const [label, value] of fields) await page.getByLabel(label, { exact: true }).fill(value);
    await page.getByLabel("Binary: format").selectOption("2");
    await page.getByLabel("One wire after the other").check();
    await click(page, "Start");
    await runEnded(page, "800 notifications");
    expect(await columns(page, "Books")).toEqual(["balance", "balance"]);
    const bytes = (await columns(page, "Bytes each")).map((text) => Number.parseInt(text, 10));
    // The payload and what is around it; of the legacy wire also what is sent again.
    expect(bytes[1]).toBeGreaterThan(500);
    expect(bytes[1]).toBeLessThan(800);
    const download = page.waitForEvent("download");
    await click(page, "Download JSON");
    const stream = await (await download).createReadStream();
    const [report] = JSON.parse(Buffer.concat(await stream.toArray()).toString());
    expect(report.settings).toEqual({
      kind: "race",
      inTurn: true,
      count: 800,
      perSecond: 0,
      badPercent: 2,
      unregisteredPercent: 3,
      delayMs: 0,
      payloadBytes: 500,
      connections: 2,
      reconnectEvery: 100,
      window: 300,
      streams: 50,
      seed: 7,
      format: 2,
      sharePercent: 10,
    });
    await page.getByLabel("Bad tokens, %").fill("60");
    await page.getByLabel("Removed apps, %").fill("60");
    await click(page, "Start");
    await page.locator(".notice", { hasText: "more than 100 together" }).waitFor();
    await page.context().close();
  });

  test("moves a share of the traffic to the other wire", async () => {
    const page = await around.open({ sharePercent: 30 });
    await click(page, "Start a move of 60,000 notifications");
    await page.locator('[data-side="http2"]', { hasText: /[1-9][\d,]* sent/ }).waitFor();
    await page.getByRole("slider").fill("100");
    await page.locator(".timeline", { hasText: "100 % of the device tokens go over HTTP/2" }).waitFor();
    await click(page, "Stop");
    await runEnded(page, "split · stopped");
    expect(await columns(page, "Books")).toEqual(["balance", "balance"]);
    await page.context().close();
  });

  test("leads an old sender over the bridge to HTTP/2, each notification once", async () => {
    const page = await around.open({ badPercent: 0.5, unregisteredPercent: 1, seed: 6 });
    await click(page, "Start the old sender with 40,000 notifications");
    await page.locator('[data-figure="feedbackWaiting"]', { hasText: /[1-9]/ }).waitFor();
    await page.locator('[data-figure="suppressed"]', { hasText: /[1-9]/ }).waitFor();
    await click(page, "Stop");
    await runEnded(page, "through the bridge · stopped");
    expect(await columns(page, "Books")).toEqual(["balance", "balance"]);
    // Removed apps are accepted in the old words, and told by the bridge's feedback service. Of what has no verdict, which
    // a busy machine may leave in time, Apple may have received any part.
    const [received, accepted, unconfirmed] = await Promise.all(
      ["Apple received", "Accepted", "Unconfirmed"].map((row) => figures(page, row)),
    );
    for (const [lane, count] of received!.entries()) {
      expect(count).toBeGreaterThanOrEqual(accepted![lane]!);
      expect(count).toBeLessThanOrEqual(accepted![lane]! + unconfirmed![lane]!);
    }
    await page.locator(".timeline", { hasText: /bridge's feedback service: [1-9]\d* device tokens/ }).waitFor();
    await page.context().close();
  });

  test("compares runs, also with those of an earlier visit, and copies the table as Markdown", async () => {
    const page = await around.open({ count: 300, delayMs: 0 }, { permissions: ["clipboard-read", "clipboard-write"] });
    await click(page, "Start");
    await runEnded(page, "300 notifications");
    await page.reload();
    await page.locator(".link-open").waitFor();
    await page.getByRole("checkbox", { name: "200 notifications · from the command line" }).check();
    expect(await columns(page, "Sent")).toEqual(["300", "300", "200", "200"]);
    await click(page, "Copy as Markdown");
    await page.locator(".notice", { hasText: "The table is in the clipboard." }).waitFor();
    const copied = await page.evaluate(() => navigator.clipboard.readText());
    const lines = copied.trimEnd().split("\n");
    expect(lines[1]).toBe("| --- | ---: | ---: | ---: | ---: |");
    expect(lines[2]).toBe("| Sent | 300 | 300 | 200 | 200 |");
    expect(lines.at(-1)).toBe("| Books | balance | balance | balance | balance |");
    await click(page, "Forget all");
    await page.getByText("No run is over yet.").waitFor();
    await page.context().close();
  });

  test("filters the timeline by kind and by wire", async () => {
    const page = await around.open({ count: 200, delayMs: 0 });
    await click(page, "Start");
    const events = page.locator(".timeline li");
    await events.filter({ hasText: "The run is over." }).first().waitFor();
    const connections = events.filter({ hasText: /Connection \d+ opened/ });
    await connections.first().waitFor();
    await page.getByRole("checkbox", { name: "Connections" }).uncheck();
    await expect.poll(() => connections.count()).toBe(0);
    await page.getByRole("checkbox", { name: "Connections" }).check();
    await page.getByLabel("Wire", { exact: true }).selectOption("http2");
    const kinds = page.locator(".timeline li .muted");
    await expect.poll(async () => (await kinds.allTextContents()).includes("Binary (legacy)")).toBe(false);
    expect(await kinds.allTextContents()).toContain("HTTP/2");
    await page.context().close();
  });

  test("shows a message pushed from outside to one page or all, and says why one cannot be", async () => {
    const [first, second] = await Promise.all([around.open(), around.open()]);
    const push = async (to: string, text: string): Promise<[status: number, text: string]> => {
      const response = await fetch(`${around.server.url}api/messages`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ to, text }),
      });
      return [response.status, await response.text()];
    };
    expect(await push("all", "Lunch is ready")).toEqual([200, "ok\n"]);
    for (const page of [first, second]) await page.locator(".notice", { hasText: "Lunch is ready" }).waitFor();
    const id = await second.evaluate(() => sessionStorage.getItem("page-id")!);
    expect(await push(id, "Only for you")).toEqual([200, "ok\n"]);
    await second.locator(".notice", { hasText: "Only for you" }).waitFor();
    expect(await first.locator(".notice", { hasText: "Only for you" }).count()).toBe(0);
    expect(await push("page-nobody", "Hello")).toEqual([404, 'no page is registered under "page-nobody"\n']);
    expect(await push("Not an id", "Hello")).toEqual([
      400,
      expect.stringContaining('must be the id of a page, or "all"'),
    ]);
    for (const page of [first, second]) await page.context().close();
  });

  test("shows a page its own percent, and another one whose run it is", async () => {
    const [owner, other] = await Promise.all([around.open({ count: 700_000, perSecond: 2000 }), around.open()]);
    await click(owner, "Start");
    await owner.locator(".run-state", { hasText: /^Your run: \d+ %$/ }).waitFor();
    await other.locator(".run-state", { hasText: /^Another page's run: \d+ %$/ }).waitFor();
    await click(other, "Stop");
    await runEnded(owner, "700,000 notifications · stopped");
    for (const page of [owner, other]) await page.context().close();
  });

  test("takes an id of its own if it is the copy of a tab", async () => {
    const page = await around.open();
    const id = (of: Page): Promise<string> => of.evaluate(() => sessionStorage.getItem("page-id")!);
    const kept = await id(page);
    const copy = await page.context().newPage();
    await copy.addInitScript((taken) => sessionStorage.setItem("page-id", taken), kept);
    await copy.goto(around.server.url);
    await copy.locator(".link-open").waitFor();
    await expect.poll(() => id(page)).not.toBe(kept);
    await page.locator(".link-open").waitFor();
    expect(await id(copy)).toBe(kept);
    await page.context().close();
  });

  test("finds the server again after it has started anew", async () => {
    const first = await DemoServer.start();
    const page = await openPage(around.browser, first.url);
    await first.stop();
    await page.locator(".link-lost").waitFor();
    const second = await DemoServer.start(first.port);
    await page.locator(".link-open").waitFor();
    await page.context().close();
    await second.stop();
  });
});

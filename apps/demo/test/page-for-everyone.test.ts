// The page on a phone, in the dark, by keyboard, for a screen reader; and smooth while a hundred thousand go by.
import axe from "axe-core";
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { click, describePage, runEnded } from "./page-under-test.ts";

/** A frame at 60 per second. */
const frameBudgetMs = 1000 / 60;

interface TraceEvent {
  readonly name: string;
  readonly pid: number;
  readonly tid: number;
  /** Microseconds of the thread's own CPU time: what other processes take does not count. */
  readonly tdur?: number;
  readonly args: { readonly name?: string };
}

describePage("the page, for everyone", (around) => {
  test("fits a phone's width, and is dark where the system is", async () => {
    const page = await around.open({}, { viewport: { width: 390, height: 844 }, colorScheme: "dark" });
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
    expect(await page.evaluate(() => getComputedStyle(document.body).backgroundColor)).toBe("rgb(13, 15, 23)");
    await page.getByRole("radio", { name: "Light" }).click();
    expect(await page.evaluate(() => getComputedStyle(document.body).backgroundColor)).toBe("rgb(245, 246, 250)");
    await page.context().close();
  });

  test("cuts nothing off on a phone: navigation, bytes and comparison are as wide as it is", async () => {
    const page = await around.open({ count: 500, delayMs: 0 }, { viewport: { width: 390, height: 844 } });
    await click(page, "Start");
    await runEnded(page, "500 notifications");
    await page.getByRole("form", { name: "One notification" }).getByRole("button", { name: "Send" }).click();
    await page.locator(".frame", { hasText: ":status" }).waitFor();
    const hidden = (selector: string): Promise<number[]> =>
      page.locator(selector).evaluateAll((all) => all.map((box) => box.scrollWidth - box.clientWidth));
    expect(await hidden(".nav")).toEqual([0]);
    expect(await hidden("#compare .table-box")).toEqual([0]);
    expect(new Set(await hidden(".frame[open] .table-box"))).toEqual(new Set([0]));
    await page.context().close();
  });

  test.each(["light", "dark"] as const)("has nothing that axe finds wrong, in %s", async (colorScheme) => {
    const page = await around.open({ count: 500, delayMs: 0 }, { colorScheme, reducedMotion: "reduce" });
    // With everything on it that can be: a run that is over, a fault explained, bytes.
    await click(page, "Start");
    await runEnded(page, "500 notifications");
    await page.locator('[data-fault="goAway"]').click();
    await page.locator('[data-told="goAway"] .verdict').waitFor();
    await click(page, "Stop");
    await runEnded(page, "broken by: GOAWAY");
    await page.getByRole("form", { name: "One notification" }).getByRole("button", { name: "Send" }).click();
    await page.locator(".frame", { hasText: ":status" }).waitFor();
    expect(await violations(page)).toEqual([]);
    await page.context().close();
  });

  test("is used by keyboard alone", async () => {
    const page = await around.open({ count: 400, delayMs: 0 });
    await page.keyboard.press("Tab");
    expect(await page.evaluate(() => document.activeElement?.textContent?.trim())).toBe("Skip to the race");
    await page.keyboard.press("Enter");
    await page.keyboard.press("Tab");
    expect(await page.evaluate(() => (document.activeElement as HTMLInputElement).labels?.[0]?.textContent)).toBe(
      "Notifications",
    );
    await page.keyboard.press("Enter");
    await runEnded(page, "400 notifications");
    await page.context().close();
  });

  test("keeps its frames and its memory while 100,000 notifications go over each wire", async () => {
    const page = await around.open({ count: 100_000 }, { viewport: { width: 1280, height: 1000 } });
    const devTools = await page.context().newCDPSession(page);
    await devTools.send("HeapProfiler.enable");
    const heapMiB = async (): Promise<number> => {
      await devTools.send("HeapProfiler.collectGarbage");
      return (await devTools.send("Runtime.getHeapUsage")).usedSize / 2 ** 20;
    };
    // All that moves is in sight.
    await page.evaluate(() => document.querySelector("#race")!.scrollIntoView({ behavior: "instant" }));
    await around.browser.startTracing(page, { categories: ["toplevel"] });
    await click(page, "Start");
    await page.locator('[data-wire="http2"] [data-figure="accepted"]', { hasText: /\d\d,\d/ }).waitFor();
    const early = await heapMiB();
    await runEnded(page, "100,000 notifications");
    const { traceEvents } = JSON.parse((await around.browser.stopTracing()).toString()) as {
      traceEvents: readonly TraceEvent[];
    };
    expect((await heapMiB()) - early).toBeLessThan(4);
    const tasksMs = mainThreadTasks(traceEvents).map(({ tdur = 0 }) => tdur / 1000);
    // Some for each of the samples, of which ten a second come; and their CPU time was told, or nothing were judged.
    expect(tasksMs.filter((ms) => ms > 0).length).toBeGreaterThan(100);
    // One in a hundred may be late: the first drawing, a collection of garbage.
    expect(tasksMs.filter((ms) => ms > frameBudgetMs).length).toBeLessThanOrEqual(tasksMs.length / 100);
    await page.context().close();
  });
});

async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() => (globalThis as unknown as { axe: typeof axe }).axe.run());
  return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 200)}`));
}

/** What kept the page's own thread from drawing. A renderer that has done nothing is not the page's. */
function mainThreadTasks(events: readonly TraceEvent[]): readonly TraceEvent[] {
  const byThread = events
    .filter(({ name, args }) => name === "thread_name" && args.name === "CrRendererMain")
    .map(({ pid, tid }) =>
      events.filter((event) => event.name.endsWith("RunTask") && event.pid === pid && event.tid === tid),
    );
  return byThread.toSorted((a, b) => b.length - a.length)[0] ?? [];
}

// Each way to break it: pressed without a run, so that the page starts one of its own and breaks it a moment later.
import { expect, test } from "vitest";
import type { FaultName } from "../src/page/protocol.ts";
import { click, columns, describePage, figures, runEnded } from "./page-under-test.ts";

interface Told {
  readonly name: FaultName;
  readonly title: string;
  /** What the explanation must contain. */
  readonly sentence: string;
  /** What it has done to each wire, by the figures. */
  readonly effect?: readonly [binary: RegExp, http2: RegExp];
  /** What the timeline must tell. */
  readonly event?: RegExp;
}

const faults: readonly Told[] = [
  {
    name: "badToken",
    title: "One bad token",
    sentence: "this one gets a 400",
    effect: [/1 refused, [\d,]+ sent again, 1 connection ended\.$/, /^HTTP\/2 ?1 refused\.$/],
    event: /Error response: status 8 \(Invalid token\)/,
  },
  {
    name: "goAway",
    title: "GOAWAY",
    sentence: "Requests up to the one named are answered",
    event: /takes nothing more/,
  },
  { name: "cut", title: "Cut the connection", sentence: "Silence meant yes", effect: [/unconfirmed/, /unconfirmed/] },
  { name: "blackHole", title: "Black hole", sentence: "a PING is sent", effect: [/unconfirmed/, /unconfirmed/] },
  {
    name: "oneStream",
    title: "Stream limit 1",
    sentence: "Each connection sends one request",
    effect: [/./, /[Dd]own from/],
  },
  { name: "unavailable", title: "503s", sentence: "gets a 503 of its own", effect: [/sent again/, /refused/] },
  {
    name: "shutdown",
    title: "Gateway shutdown",
    sentence: "Everything up to the one named",
    event: /Shutdown \(status 10\)/,
  },
  {
    name: "expiredToken",
    title: "Expired provider token",
    sentence: "the client signs a new pass",
    effect: [/./, /refused|new connection/],
  },
];

describePage("the page, broken", (around) => {
  test.each(faults)(
    "shows what $name does, and says it in a sentence",
    async ({ name, title, sentence, effect, event }) => {
      const page = await around.open();
      await page.locator(`[data-fault="${name}"]`).click();
      const told = page.locator(`[data-told="${name}"]`);
      await told.locator(".verdict").waitFor();
      expect(await told.textContent()).toContain(sentence);
      for (const [wire, text] of (effect ?? []).entries()) {
        // Asked for as text, so that a failure shows what stood there instead.
        const effectOf = told.locator(".effect > div").nth(wire);
        await expect.poll(() => effectOf.textContent(), { timeout: 60_000 }).toMatch(text);
      }
      if (event !== undefined) await page.locator(".timeline li").filter({ hasText: event }).first().waitFor();
      await click(page, "Stop");
      await runEnded(page, `broken by: ${title}`);
      // Whatever happened, every outcome is true; what nobody can know is said to be in doubt, with how much of it arrived.
      const [unconfirmed, received, accepted] = await Promise.all(
        ["Unconfirmed", "Apple received", "Accepted"].map((row) => figures(page, row)),
      );
      const expected = unconfirmed!.map((count) => (count === 0 ? "balance" : "in doubt"));
      expect(await columns(page, "Books")).toEqual(expected);
      const doubts = unconfirmed!.flatMap((count, lane) => {
        if (count === 0) return [];
        const arrived = received![lane]! - accepted![lane]!;
        return [`${count.toLocaleString("en-US")} in doubt: ${arrived.toLocaleString("en-US")} had arrived`];
      });
      const sentences = await page.locator(".doubt").allTextContents();
      expect(sentences.map((sentence) => /[\d,]+ in doubt: [\d,]+ had arrived/.exec(sentence)?.[0])).toEqual(doubts);
      await page.context().close();
    },
  );

  test("counts what a fault did, not the bad device tokens of the run, and nothing before it has struck", async () => {
    const page = await around.open({ count: 100_000, perSecond: 2000, badPercent: 2, seed: 8 });
    await click(page, "Start");
    await page.locator('[data-wire="binary"] .pill[data-state="running"]').waitFor();
    await page.locator('[data-wire="http2"] .reasons', { hasText: /BadDeviceToken \d+/ }).waitFor();
    await click(page, "Pause");
    for (const wire of ["binary", "http2"]) {
      await page.locator(`[data-wire="${wire}"] .pill[data-state="paused"]`).waitFor();
    }
    // What was written before the pause must not meet the fault: one round trip later, nothing of it is on its way.
    const inFlight = page.locator('[data-wire="http2"] .figures dd').first();
    await expect.poll(() => inFlight.textContent()).toBe("0");
    await page.locator('[data-fault="badToken"]').click();
    const told = page.locator('[data-told="badToken"]');
    await told.locator(".waiting", { hasText: "the run is paused: go on" }).waitFor();
    expect(await told.locator(".verdict").count()).toBe(0);
    await click(page, "Go on");
    await told.locator('.effect[data-watching="false"]').waitFor();
    const effects = await told.locator(".effect > div").allTextContents();
    expect(effects).toEqual([
      expect.stringMatching(/1 refused, [\d,]+ sent again, 1 connection ended\.$/),
      expect.stringMatching(/^HTTP\/2 ?1 refused\.$/),
    ]);
    await click(page, "Stop");
    await runEnded(page, "broken by: One bad token");
    await page.context().close();
  });

  test("shows what the four lessons teach", async () => {
    const page = await around.open();
    const titles = ["Error response", "Lost tail", "Stream limit", "GOAWAY"];
    // Whatever a card shows, for however short a time.
    const shown = await page.evaluateHandle(() => {
      const seen: string[] = [];
      new MutationObserver(() => {
        const card = document.querySelector(".lesson.is-shown");
        const state = ["waiting", "verdict"].find((name) => card?.querySelector(`.${name}`));
        const now = `${card?.querySelector("h3")?.textContent}: ${state}`;
        if (state !== undefined && seen.at(-1) !== now) seen.push(now);
      }).observe(document.body, { subtree: true, childList: true, attributes: true });
      return seen;
    });
    for (const title of titles) {
      await page.getByRole("button", { name: `Show me an example: ${title}` }).click();
      await page.locator(".lesson.is-shown", { hasText: title }).locator(".verdict").waitFor();
      await click(page, "Stop");
      await page.getByRole("button", { name: "Start", exact: true, disabled: false }).waitFor();
    }
    // None shows figures of the one before it, which may have been the same fault.
    expect(await shown.jsonValue()).toEqual(titles.flatMap((title) => [`${title}: waiting`, `${title}: verdict`]));
    await page.context().close();
  });
});

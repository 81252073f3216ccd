// The phones: what reaches them, what waits for them, and how the old and the new wire tell that an app is gone.
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { describePage } from "./page-under-test.ts";

describePage("the phones", (around) => {
  const compose = async (page: Page, fields: Readonly<Record<string, string>>): Promise<void> => {
    const form = page.getByRole("form", { name: "One notification" });
    for (const [label, value] of Object.entries(fields)) {
      const field = form.getByLabel(label, { exact: true });
      if (await field.evaluate((element) => element.tagName === "SELECT")) await field.selectOption(value);
      else await field.fill(value);
    }
    await form.getByRole("button", { name: "Send" }).click();
    await form.getByText("Under way …").waitFor({ state: "hidden" });
  };
  const told = (page: Page): Promise<string | null> =>
    page.getByRole("form", { name: "One notification" }).getByRole("status").textContent();

  test("get a notification over either wire, and every byte of it is shown", async () => {
    const page = await around.open();
    const screen = page.locator('[data-phone="Ada"] .shown');
    await compose(page, { Over: "http2", Title: "By HTTP/2", Badge: "3" });
    await screen.filter({ hasText: "By HTTP/2" }).waitFor();
    await page.locator(".frame", { hasText: "HEADERS frame" }).filter({ hasText: ":status" }).waitFor();
    await compose(page, { Over: "binary", Title: "By the old wire" });
    await screen.filter({ hasText: "By the old wire" }).waitFor();
    for (const frame of ["Your notification (command 2)", "A barrier, made to be refused", "Error response"]) {
      await page.locator(".frame summary", { hasText: frame }).waitFor();
    }
    await page.locator('[data-phone="Ada"] .badge', { hasText: "3" }).waitFor();
    await page.context().close();
  });

  test("group by thread, and replace what has the same collapse id", async () => {
    const page = await around.open();
    const screen = page.locator('[data-phone="Grace"] .screen');
    const to = { To: "1", Over: "http2" };
    await compose(page, { ...to, Title: "Score 1:0", "Collapse id": "score" });
    await compose(page, { ...to, Title: "Score 2:0", "Collapse id": "score" });
    await screen.getByText("Score 2:0").waitFor();
    expect(await screen.getByText("Score 1:0").count()).toBe(0);
    await compose(page, { ...to, Title: "First of the thread", "Collapse id": "", Thread: "chat" });
    await compose(page, { ...to, Title: "Second of the thread", Thread: "chat" });
    await screen.locator("li", { hasText: "Second of the thread" }).filter({ hasText: "1 more" }).waitFor();
    await page.context().close();
  });

  test("come back to the one notification that was kept", async () => {
    const page = await around.open();
    const alan = page.locator('[data-phone="Alan"]');
    await alan.getByRole("button", { name: "Go offline" }).click();
    await alan.getByText("offline", { exact: true }).waitFor();
    for (const title of ["Missed", "Kept"]) await compose(page, { To: "2", Over: "http2", Title: title });
    await alan.getByText("One waits at Apple.").waitFor();
    await alan.getByRole("button", { name: "Come back" }).click();
    await alan.locator(".shown", { hasText: "Kept" }).filter({ hasText: "was stored" }).waitFor();
    expect(await alan.locator(".shown", { hasText: "Missed" }).count()).toBe(0);
    await alan.getByText("1 never arrived.").waitFor();
    await page.context().close();
  });

  test("follow a Live Activity from its start to its end", async () => {
    const page = await around.open();
    const activity = page.locator('[data-phone="Ada"] .activity');
    await compose(page, { Kind: "activity", Title: "Pizza", Text: "In the oven", Percent: "20" });
    await activity.filter({ hasText: "In the oven" }).waitFor();
    await compose(page, { Event: "update", Text: "On its way", Percent: "70" });
    await activity.filter({ hasText: "On its way" }).waitFor();
    expect(await activity.locator("progress").evaluate((bar: HTMLProgressElement) => bar.value)).toBe(70);
    await compose(page, { Event: "end", Text: "Enjoy" });
    await activity.filter({ hasText: "(ended)" }).waitFor();
    await page.context().close();
  });

  test("whose app is gone: HTTP/2 answers 410, the old wire's feedback service tells", async () => {
    const page = await around.open();
    const grace = page.locator('[data-phone="Grace"]');
    await grace.getByRole("button", { name: "Remove app" }).click();
    await grace.locator('[data-installed="false"]').waitFor();
    await compose(page, { To: "1", Over: "http2" });
    expect(await told(page)).toBe("Rejected: 410, Unregistered.");
    await compose(page, { Over: "binary" });
    expect(await told(page)).toBe("Accepted: Apple took it.");
    await page.locator(".timeline li", { hasText: "the app is gone from Grace's phone" }).waitFor();
    await grace.getByRole("button", { name: "Install app" }).click();
    await grace.locator('[data-installed="true"]').waitFor();
    await compose(page, { Over: "http2", Title: "Welcome back" });
    await grace.locator(".shown", { hasText: "Welcome back" }).waitFor();
    await page.context().close();
  });
});

// Towards a page that is slow, or does not read at all, nothing grows.
import { describe, expect, test } from "vitest";
import { PageChannel, type PageSocket } from "./page-channel.ts";
import type { Sample, ServerMessage, TimelineEvent } from "./protocol.ts";

/** A socket whose network takes bytes only when it is told to. */
class SlowSocket implements PageSocket {
  bufferedAmount = 0;
  readonly sent: ServerMessage[] = [];
  closed: number | "terminated" | undefined;
  #written: (() => void)[] = [];

  send(text: string, written: () => void): void {
    this.sent.push(JSON.parse(text) as ServerMessage);
    this.bufferedAmount += text.length;
    this.#written.push(written);
  }

  close(code: number): void {
    this.closed = code;
  }

  terminate(): void {
    this.closed = "terminated";
  }

  /** The network has taken everything. */
  drain(): void {
    this.bufferedAmount = 0;
    for (const written of this.#written.splice(0)) written();
  }
}

const turn = (): Promise<void> => new Promise((resolve) => queueMicrotask(resolve));
const sample = (percent: number): Sample => ({
  type: "sample",
  run: { id: "run", owner: "page-1", settings: {} as never, state: "running", percent },
  lanes: [],
  bridge: null,
  activeFaults: [],
  struckFaults: {},
});
const event = (id: number): TimelineEvent => ({ id, at: 0, kind: "run", wire: null, text: "Something happened." });
const message = (text: string): ServerMessage => ({ type: "message", text, to: "all", at: 0 });
const long = "x".repeat(300_000);

function slowPage(): { socket: SlowSocket; page: PageChannel } {
  const socket = new SlowSocket();
  return { socket, page: new PageChannel("page-1", socket) };
}

describe("a page's channel", () => {
  test("sends messages in order, then events, then the newest figures", async () => {
    const { socket, page } = slowPage();
    page.offer(sample(1));
    page.event(event(1));
    page.send(message("one"));
    page.send(message("two"));
    page.event(event(2));
    await turn();
    expect(socket.sent).toEqual([
      message("one"),
      message("two"),
      { type: "events", events: [event(1), event(2)], missed: 0 },
      sample(1),
    ]);
  });

  test("keeps only the newest figures for a slow page", async () => {
    const { socket, page } = slowPage();
    page.send(message(long));
    await turn();
    for (let percent = 0; percent <= 100; percent++) page.offer(sample(percent));
    await turn();
    expect(socket.sent).toEqual([message(long)]);
    socket.drain();
    expect(socket.sent.slice(1)).toEqual([sample(100)]);
  });

  test("leaves out the oldest events for a slow page, and counts them", async () => {
    const { socket, page } = slowPage();
    page.send(message(long));
    await turn();
    for (let id = 1; id <= 350; id++) page.event(event(id));
    socket.drain();
    const kept = Array.from({ length: 300 }, (_, index) => event(index + 51));
    expect(socket.sent.slice(1)).toEqual([{ type: "events", events: kept, missed: 50 }]);
  });

  test("ends with a page that takes nothing any more, and says that there was no room", async () => {
    const { socket, page } = slowPage();
    page.send(message(long));
    await turn();
    for (let count = 0; count < 200; count++) expect(page.send(message("more"))).toBe(true);
    expect(page.send(message("too much"))).toBe(false);
    // An orderly end would wait behind everything that is not read.
    expect(socket.closed).toBe("terminated");
    expect(page.send(message("later"))).toBe(false);
    socket.drain();
    expect(socket.sent).toHaveLength(1);
  });

  test("ends in order with a page that reads", async () => {
    const { socket, page } = slowPage();
    page.close(1001, "the demo ends");
    page.close(1013, "again");
    expect(socket.closed).toBe(1001);
  });
});

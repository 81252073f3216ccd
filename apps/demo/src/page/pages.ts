import type { PageChannel } from "./page-channel.js";

/** How many pages may be open at a time. */
const maxPages = 32;

/** The pages that are registered, by id. */
export class Pages {
  readonly #channels = new Map<string, PageChannel>();

  get size(): number {
    return this.#channels.size;
  }

  get(id: string): PageChannel | undefined {
    return this.#channels.get(id);
  }

  [Symbol.iterator](): Iterator<PageChannel> {
    return this.#channels.values();
  }

  /**
   * One that registers under the id of another takes its place: a page that reconnects before its old connection was seen
   * to end.
   * @returns whether there was room
   */
  add(channel: PageChannel): boolean {
    const former = this.#channels.get(channel.id);
    if (former === undefined && this.#channels.size >= maxPages) return false;
    this.#channels.set(channel.id, channel);
    former?.close(4000, "another page has registered under this id");
    return true;
  }

  remove(channel: PageChannel): void {
    if (this.#channels.get(channel.id) === channel) this.#channels.delete(channel.id);
  }

  /**
   * Pushes a message from outside to one page, or to all.
   * @returns `undefined` if it is on its way, else why not
   */
  push(to: string, text: string): string | undefined {
    const message = { type: "message", text, to, at: Date.now() } as const;
    if (to !== "all") {
      const channel = this.#channels.get(to);
      if (channel === undefined) return `no page is registered under ${JSON.stringify(to)}`;
      return channel.send(message) ? undefined : "the page is too slow to take it";
    }
    if (this.#channels.size === 0) return "no page is open";
    for (const channel of [...this.#channels.values()]) channel.send(message);
    return undefined;
  }
}

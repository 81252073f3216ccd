import type { TimelineEvent, TimelineKind, WireName } from "../page/protocol.js";

/** How many events are kept. */
const maxEvents = 500;

/** The newest events, oldest first. */
export class Timeline {
  readonly #onEvent: (event: TimelineEvent) => void;
  #events: TimelineEvent[] = [];
  #count = 0;

  constructor(onEvent: (event: TimelineEvent) => void) {
    this.#onEvent = onEvent;
  }

  get events(): readonly TimelineEvent[] {
    return this.#events;
  }

  add(kind: TimelineKind, wire: WireName | null, text: string): void {
    const event: TimelineEvent = { id: ++this.#count, at: Date.now(), kind, wire, text };
    this.#events.push(event);
    // Cut in portions: taking the first one off each time would move all the others.
    if (this.#events.length > maxEvents * 1.2) this.#events = this.#events.slice(-maxEvents);
    this.#onEvent(event);
  }
}

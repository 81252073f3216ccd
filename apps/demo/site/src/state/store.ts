// The state of the page, as signals: components read them and are drawn anew when they change.
import { computed, type Signal, signal } from "@preact/signals";
import type {
  BridgeSample,
  FaultCounts,
  FaultName,
  LaneSample,
  PhoneView,
  RunState,
  TimelineEvent,
  WireName,
} from "../../../src/page/protocol.js";

export type Link = "connecting" | "open" | "lost";

/** How the connection to the server stands. */
export const link: Signal<Link> = signal<Link>("connecting");
export const run: Signal<RunState | null> = signal<RunState | null>(null);
/** Of the run of the moment, or of the last one. */
export const lanes: Signal<readonly LaneSample[]> = signal<readonly LaneSample[]>([]);
/** Of the same run; null if it had none. */
export const bridge: Signal<BridgeSample | null> = signal<BridgeSample | null>(null);
export const activeFaults: Signal<readonly FaultName[]> = signal<readonly FaultName[]>([]);
export const struckFaults: Signal<FaultCounts> = signal<FaultCounts>({});
export const phones: Signal<readonly PhoneView[]> = signal<readonly PhoneView[]>([]);
/** Newest last. */
export const events: Signal<readonly TimelineEvent[]> = signal<readonly TimelineEvent[]>([]);
/** Events that this page was too slow for. */
export const missedEvents: Signal<number> = signal(0);
/** Of this page's own run; null while it has none. */
export const ownPercent: Signal<number | null> = signal<number | null>(null);

export interface Notice {
  readonly id: number;
  readonly tone: "message" | "problem";
  readonly text: string;
}

/** Short-lived messages: those pushed to this page, and refusals of its requests. */
export const notices: Signal<readonly Notice[]> = signal<readonly Notice[]>([]);
/** The text that screen readers announce. */
export const announcement: Signal<string> = signal("");

export const isBusy = computed(() => run.value !== null);

/** How many events are kept. */
const maxEvents = 500;
const maxNotices = 4;
let noticeCount = 0;

export function addEvents(added: readonly TimelineEvent[], missed: number): void {
  const last = events.value.at(-1)?.id ?? 0;
  const fresh = added.filter(({ id }) => id > last);
  if (fresh.length > 0) events.value = [...events.value, ...fresh].slice(-maxEvents);
  if (missed > 0) missedEvents.value += missed;
}

export function addNotice(tone: Notice["tone"], text: string): void {
  notices.value = [...notices.value, { id: ++noticeCount, tone, text }].slice(-maxNotices);
}

export function dropNotice(id: number): void {
  notices.value = notices.value.filter((notice) => notice.id !== id);
}

export function laneOf(wire: WireName): LaneSample | undefined {
  return lanes.value.find((lane) => lane.wire === wire);
}

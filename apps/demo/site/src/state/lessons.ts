// Four things to see: each starts a run of its own, if none is under way, and breaks it a moment later.
import { type Signal, signal } from "@preact/signals";
import type { FaultName } from "../../../src/page/protocol.js";
import { breakRun } from "./break.js";

export interface Lesson {
  readonly id: string;
  readonly title: string;
  /** What it is, in one plain sentence. */
  readonly sentence: string;
  /** Where to look. */
  readonly look: string;
  /** Which wire handles it better, and why, in one plain sentence. */
  readonly better: string;
  readonly fault: FaultName;
  readonly perSecond: number;
}

export const lessons: readonly Lesson[] = [
  {
    id: "error-response",
    title: "Error response",
    sentence:
      "The binary wire is silent while all is well. Of a bad notification it says so in six bytes, the error response, and hangs up.",
    look: "Watch a binary connection close and another one open. HTTP/2 answers “400” to the bad one and goes on.",
    better: "HTTP/2 handles it better: every notification has an answer, and a bad one disturbs nobody.",
    fault: "badToken",
    perSecond: 2000,
  },
  {
    id: "lost-tail",
    title: "Lost tail",
    sentence: "What was sent behind the bad notification, before anybody knew, is thrown away unread: the lost tail.",
    look: "Watch “sent again” jump on the binary wire: the tail goes out a second time. On HTTP/2 it stays 0.",
    better: "HTTP/2 handles it better: it has no tail to lose. Senders that ignored this lost notifications for years.",
    fault: "badToken",
    perSecond: 12_000,
  },
  {
    id: "stream-limit",
    title: "Stream limit",
    sentence:
      "On HTTP/2 each notification and its answer are a stream; Apple says how many may be open at a time, and may lower that.",
    look: "Watch HTTP/2 slow down for three seconds, one stream at a time on each connection, and recover. Nothing is lost.",
    better: "Binary has no such limit and is not slowed; HTTP/2 can be slowed down without losing anything.",
    fault: "oneStream",
    perSecond: 4000,
  },
  {
    id: "goaway",
    title: "GOAWAY",
    sentence: "With GOAWAY an HTTP/2 server ends a connection in order: it names the last stream it will still answer.",
    look: "Watch one HTTP/2 connection drain and another take over: what the first left unread is sent again, and nothing arrives twice.",
    better: "HTTP/2 handles it better: a planned end leaves no doubt. Binary can only be cut off.",
    fault: "goAway",
    perSecond: 4000,
  },
];

/** The lesson that is shown, or was last. */
export const lesson: Signal<Lesson | null> = signal<Lesson | null>(null);

export async function show(shown: Lesson): Promise<void> {
  lesson.value = shown;
  await breakRun(shown.fault, shown.perSecond);
}

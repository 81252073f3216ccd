import type { ConnectionEnded } from "@apns/binary";
import { type ConnectionEvent, legacyStatusRow } from "@apns/core";
import type { ConnectionView, WireName } from "../../page/protocol.js";
import type { ConnectionNote } from "./calls.js";

/** How many connections are shown. */
const maxViews = 12;
/** How many notes are kept until they are taken. */
const maxNotes = 20;

/** The connections of a transport: their states, and notes about their events. */
export class ConnectionLog {
  #views: ConnectionView[] = [];
  #notes: ConnectionNote[] = [];
  #notesDropped = 0;
  #isMuted = false;

  get views(): readonly ConnectionView[] {
    return this.#views;
  }

  note(wire: WireName, event: ConnectionEvent): void {
    const { connection: number, type } = event;
    this.#views = this.#views.filter((view) => view.number !== number);
    this.#views.push({ number, state: type === "opened" ? "open" : type });
    this.#views.sort((a, b) => a.number - b.number);
    // Ended ones are removed first.
    while (this.#views.length > maxViews) {
      const over = this.#views.findIndex(({ state }) => state === "closed" || state === "failed");
      this.#views.splice(Math.max(0, over), 1);
    }
    // How a connection of the legacy wire ended, `noteEnding` says better.
    if (wire === "binary" && (type === "draining" || type === "closed")) return;
    const text = textOf(event);
    if (text !== undefined) this.#add({ wire, text });
  }

  /** The legacy wire tells more about the end of a connection. */
  noteEnding(wire: WireName, ended: ConnectionEnded): void {
    const text = endingText(ended);
    if (text !== undefined) this.#add({ wire, text });
  }

  /** Everything is settled: that connections are closed now is not worth a note. */
  mute(): void {
    this.#isMuted = true;
  }

  /** The notes since the last call, and how many more there were. */
  take(): { readonly notes: readonly ConnectionNote[]; readonly notesDropped: number } {
    const taken = { notes: this.#notes, notesDropped: this.#notesDropped };
    this.#notes = [];
    this.#notesDropped = 0;
    return taken;
  }

  #add(note: ConnectionNote): void {
    if (this.#isMuted) return;
    if (this.#notes.length < maxNotes) this.#notes.push(note);
    else this.#notesDropped++;
  }
}

/** The note about an event; `undefined` if it needs none. */
function textOf(event: ConnectionEvent): string | undefined {
  const which = `Connection ${event.connection}`;
  if (event.type === "opened") return `${which} opened.`;
  if (event.type === "failed") return `${which} could not be opened: ${event.cause.message}`;
  if (event.cause === undefined && event.type === "draining") {
    return event.reason === undefined
      ? undefined
      : `${which}: GOAWAY (${event.reason}). It takes nothing more and settles what it has.`;
  }
  if (event.cause === undefined) return undefined;
  return event.type === "draining"
    ? `${which} takes nothing more: ${event.cause.message}`
    : `${which} ended: ${event.cause.message}`;
}

const count = (value: number): string => value.toLocaleString("en-US");

function endingText({
  ending,
  statusCode,
  identifier,
  accepted,
  unprocessed,
  unknown,
}: ConnectionEnded): string | undefined {
  if (ending === "refused" && statusCode !== undefined) {
    return (
      `Error response: status ${statusCode} (${legacyStatusRow(statusCode).name}) names notification ${count(identifier ?? 0)}. ` +
      `${count(accepted)} before it are proven accepted; the lost tail of ${count(unprocessed)} behind it is sent again.`
    );
  }
  if (ending === "shutdown") {
    return `Shutdown (status 10): ${count(accepted)} are proven accepted; the tail of ${count(unprocessed)} is sent again.`;
  }
  if (ending === "confirmed") return `A barrier was answered: it proves ${count(accepted)} notifications accepted.`;
  if (unknown > 0 && (ending === "lost" || ending === "unanswered" || ending === "unattributed")) {
    return `The connection ended without a verdict: ${count(unknown)} notifications are unconfirmed.`;
  }
  return undefined;
}

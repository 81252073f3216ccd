import type { Socket } from "node:net";
import { encodeFeedbackTuple } from "@apns/binary/wire";
import type { UnregisteredToken } from "@apns/core";
import type { PemIdentity } from "@apns/credentials";
import type { FeedbackFault } from "../faults/fault.js";
import { cut } from "../io/end-connection.js";
import type { SecureConnection } from "../io/tls-acceptor.js";
import type { ServerContext } from "../server-context.js";
import { type LegacyTlsOptions, legacyAcceptor } from "./legacy-tls.js";

export interface FeedbackStats {
  readonly connections: number;
  readonly connectionsOpen: number;
  /** Tuples sent. */
  readonly tuples: number;
}

/** A TLS record holds 16,384 bytes, and tuples must not be cut by one: published readers lose step (measured). */
const maxWriteBytes = 16_384;

/** Between the last tuple and the end: without it some readers lose that tuple (measured, 10 of 24 runs). */
const gapMs = 300;

type How = FeedbackFault["how"];

/** No divisor of a tuple's 38 bytes: every field is cut at some time. */
const pieceBytes = 7;

/** Long enough that two pieces do not come as one. */
const splitMs = 5;

/** How many bytes a truncated list lacks at its end. */
const lostBytes = 10;

/** The feedback service: each connection gets the list of the topic of its certificate, then ends. */
export class FeedbackService {
  /** Makes the function that takes TCP connections, with this identity of the server. */
  readonly acceptorFor: (server: PemIdentity) => (tcp: Socket) => void;
  readonly #context: ServerContext;
  #connections = 0;
  #connectionsOpen = 0;
  #tuples = 0;

  constructor(context: ServerContext, tls: LegacyTlsOptions) {
    this.#context = context;
    this.acceptorFor = legacyAcceptor(context, tls, (secure, topic) => this.#onTopic(secure, topic));
  }

  stats(): FeedbackStats {
    return { connections: this.#connections, connectionsOpen: this.#connectionsOpen, tuples: this.#tuples };
  }

  #onTopic(secure: SecureConnection, topic: string): void {
    const { world, faults, quirks } = this.#context;
    const { socket } = secure;
    const fault = faults.onFeedback({ wire: "binary", count: this.#connections++ })?.how;
    this.#connectionsOpen++;
    socket.once("close", () => this.#connectionsOpen--);
    socket.resume();
    const entries = fault === "kept" ? world.feedback.list(topic) : world.feedback.take(topic);
    this.#tuples += entries.length;
    const told = this.#tell(secure, entries, fault);
    if (quirks.feedbackClearedWhen === "asked") return;
    socket.once("close", () => {
      if (!told.all || !socket.readableEnded) world.feedback.putBack(topic, entries.filter(this.#isStillSo));
    });
  }

  /** Writes the list and ends. Returns whether all of it was written yet. */
  #tell(secure: SecureConnection, entries: readonly UnregisteredToken[], fault: How | undefined): { all: boolean } {
    const { timers } = this.#context;
    const writes = writesOf(entries, fault);
    const told = { all: false };
    const next = (): void => {
      const { done, value } = writes.next();
      if (done !== true) {
        secure.socket.write(value, (error) => {
          if (error) return;
          if (fault === "split") timers.after(splitMs, () => secure.run(next));
          else secure.run(next);
        });
        return;
      }
      told.all = true;
      if (fault === "open") return;
      const end = (): void => cut(secure, fault === "reset" ? "rst" : "closeNotify", timers);
      // Never within the handshake's own callback: an end there came without close_notify.
      timers.after(entries.length > 0 ? gapMs : 0, end);
    };
    next();
    return told;
  }

  /** Whether the app was not installed again since then. */
  readonly #isStillSo = ({ deviceToken }: UnregisteredToken): boolean => {
    const device = this.#context.world.device(deviceToken);
    return device === undefined || device.unregisteredAt !== undefined;
  };
}

/** The bytes of each write. */
function writesOf(entries: readonly UnregisteredToken[], fault: How | undefined): Iterator<Buffer, void> {
  if (fault === "twice") return packTuples(entries.flatMap((entry) => [entry, entry]));
  if (entries.length === 0 || (fault !== "split" && fault !== "truncated")) return packTuples(entries);
  const all = Buffer.concat([...packTuples(entries)]);
  return fault === "split" ? pieces(all) : [all.subarray(0, -lostBytes)].values();
}

function* pieces(all: Buffer): Generator<Buffer, void> {
  for (let at = 0; at < all.length; at += pieceBytes) yield all.subarray(at, at + pieceBytes);
}

/** Whole tuples, as many as fit into one TLS record. */
function* packTuples(entries: readonly UnregisteredToken[]): Generator<Buffer, void> {
  let tuples: Uint8Array[] = [];
  let bytes = 0;
  for (const { deviceToken, unregisteredAt } of entries) {
    const tuple = encodeFeedbackTuple({ unregisteredAt, deviceToken: Buffer.from(deviceToken, "hex") });
    if (bytes + tuple.length > maxWriteBytes) {
      yield Buffer.concat(tuples);
      tuples = [];
      bytes = 0;
    }
    tuples.push(tuple);
    bytes += tuple.length;
  }
  if (tuples.length > 0) yield Buffer.concat(tuples);
}

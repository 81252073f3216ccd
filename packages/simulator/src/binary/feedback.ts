import type { Socket } from "node:net";
import { encodeFeedbackTuple } from "@apns/binary/wire";
import { hangUp } from "../io/hang-up.js";
import type { SecureConnection } from "../io/tls-acceptor.js";
import type { Surroundings } from "../surroundings.js";
import type { FeedbackEntry } from "../world/feedback-list.js";
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

/** The feedback service: to whoever connects, the list of the certificate's topic, then the end. */
export class FeedbackService {
  readonly accept: (tcp: Socket) => void;
  readonly #around: Surroundings;
  #connections = 0;
  #connectionsOpen = 0;
  #tuples = 0;

  constructor(around: Surroundings, tls: LegacyTlsOptions) {
    this.#around = around;
    this.accept = legacyAcceptor(around, tls, {
      onTopic: (secure, topic) => this.#onTopic(secure, topic),
      onWrongEnvironment: ({ socket }) => hangUp(socket, around.timers),
    });
  }

  stats(): FeedbackStats {
    return { connections: this.#connections, connectionsOpen: this.#connectionsOpen, tuples: this.#tuples };
  }

  #onTopic({ socket }: SecureConnection, topic: string): void {
    const { world, timers } = this.#around;
    this.#connections++;
    this.#connectionsOpen++;
    socket.once("close", () => this.#connectionsOpen--);
    socket.resume();
    const entries = world.feedback.take(topic);
    this.#tuples += entries.length;
    const writes = packTuples(entries);
    const next = (): void => {
      const { done, value } = writes.next();
      if (done !== true) socket.write(value, (error) => error ?? next());
      // Never within the handshake's own callback: an end there came without close_notify.
      else timers.after(entries.length > 0 ? gapMs : 0, () => hangUp(socket, timers));
    };
    next();
  }
}

/** Whole tuples, as many as fit into one TLS record. */
function* packTuples(entries: readonly FeedbackEntry[]): Generator<Buffer, void> {
  let tuples: Uint8Array[] = [];
  let bytes = 0;
  for (const { deviceToken, unregisteredAt } of entries) {
    const tuple = encodeFeedbackTuple({
      unregisteredAt: new Date(unregisteredAt),
      deviceToken: Buffer.from(deviceToken, "hex"),
    });
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

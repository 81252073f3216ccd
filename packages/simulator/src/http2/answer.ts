import type { HeaderField, ResponseTemplate, ServerConnection } from "@apns/h2";
import type { Quirks } from "../quirks.js";
import type { RejectedVerdict } from "../world/verdict.js";
import type { Success } from "./api.js";

/** Writes the answers of Apple's interfaces on one connection. */
export class Answers {
  readonly #machine: ServerConnection;
  readonly #quirks: Quirks;
  readonly #accepted: ResponseTemplate;

  constructor(machine: ServerConnection, quirks: Quirks) {
    this.#machine = machine;
    this.#quirks = quirks;
    this.#accepted = machine.createTemplate({
      fields: [{ name: ":status", value: "200" }],
      variables: ["apns-id", "apns-unique-id"],
    });
  }

  /** Success has no body. False if the stream is gone. */
  accept(streamId: number, apnsId: string, apnsUniqueId: string | undefined): boolean {
    return this.#machine.respond(streamId, this.#accepted, apnsId, apnsUniqueId);
  }

  /** The success of a broadcast or channel request. */
  succeed(streamId: number, { httpStatus, fields = [], body }: Success, idName: string, id: string): boolean {
    return this.#machine.respondFields(streamId, [[":status", String(httpStatus)], [idName, id], ...fields], body);
  }

  /** An error is named in compact JSON without a content type (observed 2026); `idName` is the header that echoes `id`. */
  reject(streamId: number, verdict: RejectedVerdict, idName: string, id: string): boolean {
    const fields: HeaderField[] = [
      [":status", String(verdict.httpStatus)],
      [idName, id],
    ];
    if (this.#quirks.errorContentType) fields.push(["content-type", "application/json"]);
    if (verdict.retryAfter !== undefined) fields.push(["retry-after", String(verdict.retryAfter)]);
    return this.#machine.respondFields(streamId, fields, errorBody(verdict));
  }
}

const maxBodies = 1000;
const bodies = new Map<string, Buffer>();

/** The instant of a 410 is in milliseconds. */
function errorBody({ reason, unregisteredAt: timestamp }: RejectedVerdict): Buffer {
  if (timestamp !== undefined) return Buffer.from(JSON.stringify({ reason, timestamp }));
  let body = bodies.get(reason);
  if (body === undefined) {
    // A verdict function or a fault may give any text as the reason.
    if (bodies.size >= maxBodies) bodies.clear();
    body = Buffer.from(JSON.stringify({ reason }));
    bodies.set(reason, body);
  }
  return body;
}

const hex16 = Array.from({ length: 0x1_0000 }, (_, value) => value.toString(16).padStart(4, "0"));
const hex16Upper = hex16.map((text) => text.toUpperCase());

/** An id as Apple makes them: the form of a UUID, but no version or variant in it. */
export function makeId(random: () => number, letters: "upper" | "lower"): string {
  const hex = letters === "upper" ? hex16Upper : hex16;
  const word = (): number => Math.floor(random() * 2 ** 32);
  const [a, b, c, d] = [word(), word(), word(), word()];
  const low = (value: number): string => hex[value & 0xffff]!;
  const high = (value: number): string => hex[value >>> 16]!;
  return `${high(a)}${low(a)}-${high(b)}-${low(b)}-${high(c)}-${low(c)}${high(d)}${low(d)}`;
}

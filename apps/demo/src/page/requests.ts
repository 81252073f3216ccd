// The requests of pages and of outside callers: everything that they hold is checked here.
import { InvalidArgumentError } from "@apns/core";
import { checkInteger, checkOneOf } from "@apns/core/internal";
import { faultButtons } from "../stage/faults.js";
import type { ComposeRequest, FaultName, PageRequest, RunSettings } from "./protocol.js";

type Fields = Readonly<Record<string, unknown>>;

/** The id of a page: letters, digits and hyphens. */
const pageId = /^[a-z0-9-]{4,40}$/;

/** @throws {InvalidArgumentError} */
export function readHello(value: unknown): string {
  const { type, id } = objectOf("message", value);
  checkOneOf("type", type, ["hello"] as const);
  if (typeof id === "string" && pageId.test(id) && id !== "all") return id;
  throw new InvalidArgumentError("id", "must be 4 to 40 small letters, digits and hyphens.");
}

/** @throws {InvalidArgumentError} naming the field that is wrong */
export function readRequest(value: unknown): PageRequest {
  const fields = objectOf("message", value);
  const seq = checkInteger("seq", fields["seq"], 0);
  const type = checkOneOf("type", fields["type"], requestTypes);
  if (type === "start") return { seq, type, settings: readSettings(fields["settings"]) };
  if (type === "share")
    return { seq, type, sharePercent: checkInteger("sharePercent", fields["sharePercent"], 0, 100) };
  if (type === "fault") return { seq, type, name: checkOneOf("name", fields["name"], faultNames) };
  if (type === "phone") {
    return {
      seq,
      type,
      phone: checkInteger("phone", fields["phone"], 0, 9),
      action: checkOneOf("action", fields["action"], phoneActions),
    };
  }
  if (type === "compose") return { seq, type, compose: readCompose(fields["compose"]) };
  return { seq, type };
}

/** A message from outside: who is to get it, and what. @throws {InvalidArgumentError} */
export function readPush(value: unknown): { readonly to: string; readonly text: string } {
  const { to, text } = objectOf("body", value);
  if (typeof to !== "string" || !pageId.test(`id-${to}`)) {
    throw new InvalidArgumentError("to", 'must be the id of a page, or "all".');
  }
  return { to, text: textField("text", text, 1, 500) };
}

const requestTypes = [
  "start",
  "pause",
  "resume",
  "stop",
  "share",
  "fault",
  "clearFaults",
  "phone",
  "readFeedback",
  "compose",
] as const;
const phoneActions = ["offline", "online", "uninstall", "install", "clear"] as const;
const faultNames: readonly FaultName[] = faultButtons.map(({ name }) => name);
const commands = [0, 1, 2] as const;

function readSettings(value: unknown): RunSettings {
  const fields = objectOf("settings", value);
  const whole = (name: keyof RunSettings, min: number, max: number): number =>
    checkInteger(name, fields[name], min, max);
  const settings: RunSettings = {
    kind: checkOneOf("kind", fields["kind"], ["race", "split", "bridge"] as const),
    inTurn: checkOneOf("inTurn", fields["inTurn"], [true, false] as const),
    count: whole("count", 1, 1_000_000),
    badPercent: percentField("badPercent", fields["badPercent"]),
    unregisteredPercent: percentField("unregisteredPercent", fields["unregisteredPercent"]),
    payloadBytes: whole("payloadBytes", 100, 2048),
    delayMs: whole("delayMs", 0, 2000),
    reconnectEvery: whole("reconnectEvery", 1, 1_000_000),
    format: checkOneOf("format", fields["format"], commands),
    window: whole("window", 1, 200_000),
    streams: whole("streams", 1, 16_000),
    connections: whole("connections", 1, 16),
    perSecond: whole("perSecond", 0, 1_000_000),
    sharePercent: whole("sharePercent", 0, 100),
    seed: whole("seed", 0, 0xffff_ffff),
  };
  if (settings.badPercent + settings.unregisteredPercent > 100) {
    throw new InvalidArgumentError("badPercent", "and unregisteredPercent are more than 100 together.");
  }
  return settings;
}

function readCompose(value: unknown): ComposeRequest {
  const fields = objectOf("compose", value);
  const text = (name: keyof ComposeRequest, max: number): string => textField(name, fields[name], 0, max);
  const flag = (name: keyof ComposeRequest): boolean => checkOneOf(name, fields[name], [true, false] as const);
  const compose: ComposeRequest = {
    phone: checkInteger("phone", fields["phone"], 0, 9),
    wire: checkOneOf("wire", fields["wire"], ["binary", "http2"] as const),
    kind: checkOneOf("kind", fields["kind"], ["alert", "activity"] as const),
    title: text("title", 200),
    body: text("body", 1000),
    badge: fields["badge"] === null ? null : checkInteger("badge", fields["badge"], 0, 99_999),
    sound: flag("sound"),
    threadId: text("threadId", 64),
    collapseId: text("collapseId", 64),
    priority: checkOneOf("priority", fields["priority"], [5, 10] as const),
    once: flag("once"),
    format: checkOneOf("format", fields["format"], commands),
    event: checkOneOf("event", fields["event"], ["start", "update", "end"] as const),
    percent: checkInteger("percent", fields["percent"], 0, 100),
  };
  if (compose.kind === "activity" && compose.wire === "binary") {
    throw new InvalidArgumentError("wire", "is older than Live Activities: send them over HTTP/2.");
  }
  return compose;
}

function objectOf(field: string, value: unknown): Fields {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Fields;
  throw new InvalidArgumentError(field, "must be a JSON object.");
}

function percentField(field: string, value: unknown): number {
  if (typeof value === "number" && value >= 0 && value <= 100) return value;
  throw new InvalidArgumentError(field, "must be a number from 0 to 100.");
}

function textField(field: string, value: unknown, min: number, max: number): string {
  if (typeof value === "string" && value.length >= min && value.length <= max) return value;
  throw new InvalidArgumentError(field, `must be a text of ${min} to ${max} characters.`);
}

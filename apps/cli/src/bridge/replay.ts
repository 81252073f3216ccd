// Sends again what the audit says was lost: notifications that upstream did not take, and whose senders had gone, so that nobody was
// told. A line is added to the audit for each, so that another replay leaves it out.
import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import { InvalidArgumentError, Notification, type Outcome, type Priority, type Transport, topicFor } from "@apns/core";
import { showPath } from "@apns/core/internal";
import type { Audit, AuditedContent } from "./audit.js";

export interface ReplayTarget {
  readonly topic: string;
  readonly transport: Transport;
}

export interface ReplayResult {
  /** Accepted by APNs now. */
  readonly accepted: number;
  readonly notAccepted: number;
  /** Its expiry has passed. */
  readonly expired: number;
  /** Lost, and its line has no payload: `audit.payload` was not set. */
  readonly withoutPayload: number;
  /** Lost, of an app that is not configured. */
  readonly ofOtherApps: number;
}

/** A line of the audit, as far as a replay looks at it. */
interface AuditLine extends Partial<AuditedContent> {
  readonly app?: string;
  readonly deviceToken?: string;
  readonly apnsId?: string;
  readonly cause?: string;
  readonly done?: string;
  readonly isGone?: boolean;
  /** The apns id of a notification that was sent again. */
  readonly replayed?: string;
}

/** Lines are notifications of 4 KiB at most; longer ones are none of the bridge's. */
const maxLineLength = 65_536;

/** Sends that are in flight at a time. */
const maxInFlight = 500;

/** @throws {InvalidArgumentError} if the audit cannot be read */
export async function replay(
  path: string,
  targets: ReadonlyMap<string, ReplayTarget>,
  audit: Pick<Audit, "writeReplay">,
  { includesUncertain }: { readonly includesUncertain: boolean },
): Promise<ReplayResult> {
  const done = new Set<string>();
  for await (const { replayed } of readLines(path)) if (replayed !== undefined) done.add(replayed);
  const result = { accepted: 0, notAccepted: 0, expired: 0, withoutPayload: 0, ofOtherApps: 0 };
  const inFlight = new Set<Promise<void>>();
  for await (const line of readLines(path)) {
    const { app = "", apnsId, deviceToken, payload, expiration } = line;
    if (apnsId === undefined || deviceToken === undefined || done.has(apnsId)) continue;
    if (!isLost(line, includesUncertain)) continue;
    done.add(apnsId);
    const target = targets.get(app);
    if (target === undefined) result.ofOtherApps++;
    else if (payload === undefined) result.withoutPayload++;
    else if (expiration !== undefined && expiration !== 0 && expiration * 1000 <= Date.now()) result.expired++;
    else {
      const sending = send(target, line, deviceToken, apnsId).then((how) => {
        if (how === "accepted") result.accepted++;
        else result.notAccepted++;
        // What was certainly not sent may be replayed again.
        if (how !== "unsent") audit.writeReplay({ replayed: apnsId, done: how });
        inFlight.delete(sending);
      });
      inFlight.add(sending);
      if (inFlight.size >= maxInFlight) await Promise.race(inFlight);
    }
  }
  await Promise.all(inFlight);
  return result;
}

export function describeReplay({ accepted, notAccepted, ...others }: ReplayResult): string[] {
  const { expired, withoutPayload, ofOtherApps } = others;
  return [
    `${accepted} accepted, ${notAccepted} not accepted.`,
    ...(expired > 0 ? [`${expired} left out: the expiry has passed.`] : []),
    ...(withoutPayload > 0
      ? [`${withoutPayload} left out: the audit has no payload; set audit.payload for the next.`]
      : []),
    ...(ofOtherApps > 0 ? [`${ofOtherApps} left out: the app is not in the configuration.`] : []),
  ];
}

/** Nothing was wrong with it, upstream did not take it, and its sender could not be told to resend it. */
function isLost({ done, cause, isGone }: AuditLine, includesUncertain: boolean): boolean {
  if (cause === "unconfirmed") return includesUncertain && done === "accepted";
  return isGone === true && done === "shutdown";
}

async function send(
  { topic, transport }: ReplayTarget,
  { payload = "", pushType = "alert", priority, expiration }: AuditLine,
  deviceToken: string,
  apnsId: string,
): Promise<string> {
  let outcome: Outcome;
  try {
    const notification = new Notification({
      topic: topicFor(pushType, topic),
      pushType,
      payload: Buffer.from(payload, "base64"),
      // The time of a single attempt is now.
      expiration: expiration === undefined ? "default" : expiration === 0 ? "once" : new Date(expiration * 1000),
      ...(priority === undefined ? {} : { priority: priority as Priority }),
    });
    outcome = await transport.send(notification, deviceToken, { apnsId });
  } catch {
    return "NotSendable";
  }
  return outcome.kind === "rejected" ? outcome.reason : outcome.kind;
}

async function* readLines(path: string): AsyncGenerator<AuditLine> {
  const input = createReadStream(path, { encoding: "utf8" });
  try {
    for await (const text of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
      const line = text.length > maxLineLength ? undefined : parse(text);
      if (line !== undefined) yield line;
    }
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new InvalidArgumentError("audit", `${showPath(path)} cannot be read (${code}).`, { cause });
  }
}

/** A crash may have left half a line. */
function parse(text: string): AuditLine | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

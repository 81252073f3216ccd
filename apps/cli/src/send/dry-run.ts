import type { Notification } from "@apns/core";
import { UsageError } from "../errors.js";
import { resolveDestination } from "../settings/environment.js";
import type { Settings } from "../settings/settings.js";
import { asRecord, print } from "../terminal/output.js";
import type { Printed } from "../terminal/text.js";
import { type Annotated, annotateFrame, annotateHttp2Frame, asHexDump } from "../wire/annotate.js";
import type { SendFlags } from "./flags.js";
import { IncompleteLineError, type NotificationMaker } from "./notification-maker.js";
import type { TargetList } from "./targets/open-list.js";
import { isBad, type Target } from "./targets/target.js";

interface DryRun {
  readonly flags: SendFlags;
  readonly settings: Settings;
  readonly maker: NotificationMaker;
  readonly list: TargetList;
}

/** How many lines of a list are shown; of device tokens on the command line, all are. */
const maxExamples = 3;

/** Shows what would be written for each target, or for the first ones of a list, and writes nothing. */
export async function dryRun({ flags, settings, maker, list }: DryRun): Promise<void> {
  const show = flags.transport === "binary" ? await binaryPreview(flags) : await http2Preview(flags, settings);
  let count = 0;
  for await (const entry of list.read()) {
    if (flags.to !== undefined && ++count > maxExamples) {
      if (!flags.json) print(`These are the first ${maxExamples} of the list; --strict checks all of it.`);
      break;
    }
    if (isBad(entry)) throw new UsageError(`line ${entry.line} of the list ${entry.problem}`);
    print(...show(entry, notificationFor(entry, maker)));
  }
  list.close();
}

function notificationFor(target: Target, maker: NotificationMaker): Notification {
  try {
    return maker.for(target);
  } catch (error) {
    throw error instanceof IncompleteLineError
      ? new UsageError(`line ${target.line} of the list ${error.message}`)
      : error;
  }
}

type Preview = (target: Target, notification: Notification) => readonly Printed[];

async function binaryPreview({ format = "enhanced", hex, json }: SendFlags): Promise<Preview> {
  const { previewFrame } = await import("@apns/binary");
  return ({ deviceToken }, notification) => {
    const frame = previewFrame(notification, deviceToken, { format });
    const fields = annotateFrame(frame);
    if (json)
      return [asRecord({ transport: "binary", deviceToken, format, frame: toHex(frame), fields: asJson(fields) })];
    return [
      `binary frame for ${deviceToken}: ${frame.length} bytes, format ${format}`,
      ...(hex ? asHexDump(frame, fields) : asList(fields)),
      "",
    ];
  };
}

async function http2Preview(flags: SendFlags, settings: Settings): Promise<Preview> {
  const { previewRequest } = await import("@apns/http2");
  const { environment, port } = await resolveDestination(settings, "http2");
  const topic = settings.value("topic");
  const byKey = settings.get("key") !== undefined;
  return ({ deviceToken, delivery }, notification) => {
    const apnsId = delivery.apnsId ?? flags.apnsId;
    const { headers, payload, frames } = previewRequest(notification, deviceToken, {
      environment,
      ...(port === undefined ? {} : { port }),
      ...(topic === undefined ? {} : { topic }),
      ...(apnsId === undefined ? {} : { apnsId }),
      // The real one is a secret for an hour, and only its bytes and the length that they have are missing.
      ...(byKey ? { authorization: "bearer [provider token, not shown]" } : {}),
    });
    if (flags.json) {
      const bytes = frames.map((frame) => toHex(frame));
      return [asRecord({ transport: "http2", deviceToken, headers, payload: decode(payload), frames: bytes })];
    }
    return [
      `HTTP/2 request for ${deviceToken}: ${frames.reduce((sum, { length }) => sum + length, 0)} bytes as the first of a connection`,
      ...headers.map(([name, value]) => `  ${name}: ${value}`),
      "",
      `  ${decode(payload)}`,
      ...(flags.hex ? frames.flatMap((frame) => ["", ...asHexDump(frame, annotateHttp2Frame(frame, headers))]) : []),
      "",
    ];
  };
}

function asList(fields: readonly Annotated[]): string[] {
  const width = Math.max(...fields.map(({ name }) => name.length));
  return fields.map(({ name, meaning }) => `  ${name.padEnd(width)}  ${meaning}`);
}

function asJson(fields: readonly Annotated[]): object[] {
  return fields.map(({ offset, length, name, meaning }) => ({ offset, length, name, meaning }));
}

function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}

function decode(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("utf8");
}

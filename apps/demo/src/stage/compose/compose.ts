import { randomUUID } from "node:crypto";
import { BinaryTransport } from "@apns/binary";
import type { Outcome, Transport } from "@apns/core";
import { Http2Transport } from "@apns/http2";
import type { AnnotatedBytes, ComposeRequest, ComposeResult } from "../../page/protocol.js";
import type { Apple, TlsFiles } from "../../simulator/calls.js";
import type { PhoneAddress } from "../apple/calls.js";
import { formats } from "../sender/transports.js";
import { BinaryAnnotator } from "./binary-bytes.js";
import { Http2Annotator } from "./http2-bytes.js";
import { composeNotification } from "./notification.js";
import { Tap } from "./tap.js";

/** People wait for it. */
const timeoutMs = 6000;
/** More frames than one notification ever takes. */
const maxFrames = 40;

/**
 * Sends one notification to one phone, over a connection of its own, and shows what went over it.
 * @param server what to show to the transport in Apple's place
 */
export async function compose(
  request: ComposeRequest,
  apple: Apple,
  server: TlsFiles,
  phone: PhoneAddress,
): Promise<ComposeResult> {
  const frames: AnnotatedBytes[] = [];
  const note = (read: readonly AnnotatedBytes[]): void => void frames.push(...read.slice(0, maxFrames - frames.length));
  const isBinary = request.wire === "binary";
  const tap = await Tap.open({
    target: isBinary ? apple.gateway : apple.http2,
    ca: apple.ca,
    server,
    ...(isBinary ? { client: apple.tls } : {}),
    protocols: isBinary ? [] : ["h2"],
    onConnection: () => (isBinary ? readBinary(note) : readHttp2(note)),
  });
  try {
    const transport = isBinary ? overBinary(request, apple, tap) : overHttp2(apple, tap);
    const deviceToken = request.kind === "activity" ? phone.activityToken : phone.deviceToken;
    const sending = transport.send(composeNotification(request), deviceToken, isBinary ? {} : { apnsId: randomUUID() });
    // The legacy wire says nothing by itself.
    await transport.flush?.();
    const outcome = await sending;
    const { bytesWritten } = transport.stats();
    // How the connection ends is no part of it.
    const shown = [...frames];
    await transport.close();
    return {
      wire: request.wire,
      kind: outcome.kind,
      outcome: outcomeText(outcome),
      bytesWritten,
      frames: shown,
    };
  } finally {
    tap.close();
  }
}

type Note = (read: readonly AnnotatedBytes[]) => void;

function readBinary(note: Note): (direction: AnnotatedBytes["direction"], bytes: Buffer) => void {
  const annotator = new BinaryAnnotator();
  return (direction, bytes) => note(annotator.receive(direction, bytes));
}

function readHttp2(note: Note): (direction: AnnotatedBytes["direction"], bytes: Buffer) => void {
  const annotators = { sent: new Http2Annotator("sent"), received: new Http2Annotator("received") };
  return (direction, bytes) => note(annotators[direction].receive(bytes));
}

function overBinary({ format }: ComposeRequest, { tls }: Apple, tap: Tap): Transport {
  return new BinaryTransport({
    environment: tap.endpoint,
    auth: { type: "certificate", ...tls },
    format: formats[format],
    timeoutMs,
  });
}

function overHttp2({ signingKey: key, keyId, teamId, topic }: Apple, tap: Tap): Transport {
  return new Http2Transport({
    environment: tap.endpoint,
    auth: { type: "token", key, keyId, teamId },
    topic,
    timeoutMs,
  });
}

function outcomeText(outcome: Outcome): string {
  if (outcome.kind === "accepted") return "Accepted: Apple took it.";
  if (outcome.kind === "rejected") {
    const { httpStatus, statusCode, reason } = outcome;
    return `Rejected: ${httpStatus === undefined ? `status ${statusCode}` : httpStatus}, ${reason}.`;
  }
  if (outcome.kind === "unsent") return `Not sent: ${outcome.cause.message}`;
  return `Unconfirmed: ${outcome.cause.message}`;
}

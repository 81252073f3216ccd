import { randomUUID } from "node:crypto";
import { BinaryTransport, type ConnectionEnded } from "@apns/binary";
import type { Outcome } from "@apns/core";
import { Http2Transport } from "@apns/http2";
import type { AnnotatedBytes, ComposeRequest, ComposeResult } from "../../page/protocol.js";
import type { Apple } from "../../simulator/messages.js";
import type { PhoneAddress } from "../apple/messages.js";
import { formats } from "../sender/transports.js";
import { barrierFrame, errorResponse, notificationFrame } from "./binary-bytes.js";
import { requestFrames } from "./http2-bytes.js";
import { composeNotification } from "./notification.js";

/** People wait for it. */
const timeoutMs = 6000;

/** Sends one notification to one phone, over a connection of its own, and shows what went over it. */
export async function compose(request: ComposeRequest, apple: Apple, phone: PhoneAddress): Promise<ComposeResult> {
  const startedAt = performance.now();
  const { outcome, bytesWritten, frames } = await (request.wire === "binary" ? overBinary : overHttp2)(
    request,
    apple,
    request.kind === "activity" ? phone.activityToken : phone.deviceToken,
  );
  return {
    wire: request.wire,
    kind: outcome.kind,
    outcome: outcomeText(outcome),
    elapsedMs: Math.round(performance.now() - startedAt),
    bytesWritten,
    frames,
  };
}

interface Sent {
  readonly outcome: Outcome;
  readonly bytesWritten: number;
  readonly frames: readonly AnnotatedBytes[];
}

async function overBinary(request: ComposeRequest, apple: Apple, deviceToken: string): Promise<Sent> {
  const notification = composeNotification(request);
  const endings: ConnectionEnded[] = [];
  const transport = new BinaryTransport({
    environment: apple.gateway,
    ...apple.tls,
    format: formats[request.format],
    timeoutMs,
    onConnectionEnded: (ended) => endings.push(ended),
  });
  const sending = transport.send(notification, deviceToken);
  await transport.flush();
  const outcome = await sending;
  await transport.close();
  const { bytesWritten } = transport.stats();
  const frame = notificationFrame(request.format, notification, deviceToken);
  const barrier = barrierFrame(request.format, 2);
  // After a refusal of the notification itself nothing was left to be proved.
  const wroteBarrier = bytesWritten >= (frame.hex.length + barrier.hex.length) / 2;
  const responses = endings.flatMap(({ statusCode, identifier }) =>
    statusCode === undefined ? [] : [errorResponse(statusCode, identifier ?? 0)],
  );
  return { outcome, bytesWritten, frames: [frame, ...(wroteBarrier ? [barrier] : []), ...responses] };
}

async function overHttp2(request: ComposeRequest, apple: Apple, deviceToken: string): Promise<Sent> {
  const notification = composeNotification(request);
  const apnsId = randomUUID();
  let providerToken = "";
  const transport = new Http2Transport({
    environment: apple.http2,
    auth: {
      type: "token",
      key: apple.signingKey,
      keyId: apple.keyId,
      teamId: apple.teamId,
      // The transport signs its own, and shows it here.
      store: {
        get: async () => undefined,
        set: async ({ token }) => {
          providerToken = token;
        },
      },
    },
    topic: apple.topic,
    timeoutMs,
  });
  const outcome = await transport.send(notification, deviceToken, { apnsId });
  const { bytesWritten } = transport.stats();
  await transport.close();
  const { host, port, servername } = apple.http2;
  const authority = `${servername ?? host}:${port}`;
  const frames = requestFrames({ notification, deviceToken, apnsId, authority, bundleId: apple.topic, providerToken });
  return { outcome, bytesWritten, frames };
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

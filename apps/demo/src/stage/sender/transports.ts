import { BinaryTransport, type ConnectionEnded, type Format } from "@apns/binary";
import { Http2Transport } from "@apns/http2";
import type { RunSettings, WireName } from "../../page/protocol.js";
import type { Apple } from "../../simulator/calls.js";
import type { CountingTransport } from "./meter.js";

/** Long enough for any run: no notification is to time out. */
const timeoutMs = 600_000;

/** Timeouts that detect a silent peer: shorter than the defaults, so that people can wait for them. The page states them. */
const silenceTimeouts = { pingAfterMs: 1000, pingTimeoutMs: 1000, barrierTimeoutMs: 3000, writeTimeoutMs: 3000 };

export const formats: Readonly<Record<RunSettings["format"], Format>> = { 0: "simple", 1: "enhanced", 2: "framed" };

/** @param onEnded told of each connection of the legacy wire that ends */
export function openTransport(
  wire: WireName,
  apple: Apple,
  { reconnectEvery, format, connections }: RunSettings,
  onEnded: (ended: ConnectionEnded) => void,
): CountingTransport {
  const { pingAfterMs, pingTimeoutMs, barrierTimeoutMs, writeTimeoutMs } = silenceTimeouts;
  if (wire === "binary") {
    return new BinaryTransport({
      environment: apple.gateway,
      auth: { type: "certificate", ...apple.tls },
      format: formats[format],
      reconnectEvery,
      maxConnections: connections,
      timeoutMs,
      barrierTimeoutMs,
      writeTimeoutMs,
      onConnectionEnded: onEnded,
    });
  }
  return new Http2Transport({
    environment: apple.http2,
    auth: { type: "token", key: apple.signingKey, keyId: apple.keyId, teamId: apple.teamId },
    topic: apple.topic,
    maxConnections: connections,
    timeoutMs,
    pingAfterMs,
    pingTimeoutMs,
  });
}

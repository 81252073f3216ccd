import type { Notification, Transport } from "@apns/core";
import type { Settings } from "../settings/settings.js";
import { http2ClientOptions, legacyConnectOptions } from "../settings/transports.js";
import type { SendFlags } from "./flags.js";

/** A transport that can be asked to connect ahead of the first send. */
export type ConnectableTransport = Transport & { connect(): Promise<void> };

/**
 * The transport the command line asks for; nothing is opened yet.
 * @param shared the notification of all targets, if it is one: what the wire cannot carry is refused before anything is sent
 */
export async function openTransport(
  settings: Settings,
  flags: SendFlags,
  shared: Notification | undefined,
): Promise<ConnectableTransport> {
  const timeoutMs = flags.timeout * 1000;
  if (flags.transport === "binary") {
    const { BinaryTransport, previewFrame } = await import("@apns/binary");
    const format = flags.format ?? "enhanced";
    if (shared !== undefined) previewFrame(shared, "00".repeat(32), { format });
    const options = await legacyConnectOptions(settings, "gateway");
    return new BinaryTransport({
      ...options,
      format,
      timeoutMs,
      maxConnections: flags.connections ?? 1,
      maxConnectFailures: 1,
    });
  }
  const { Http2Transport } = await import("@apns/http2");
  const topic = settings.value("topic");
  return new Http2Transport({
    ...(await http2ClientOptions(settings, "http2")),
    timeoutMs,
    maxConnections: flags.connections ?? 4,
    ...(topic === undefined ? {} : { topic }),
  });
}

import { type Notification, observe, type SendProgress, type SendSummary, sendAll, type Transport } from "@apns/core";

/** A transport that can be connected ahead of the first send. */
export type CountingTransport = Transport & { connect(): Promise<void> };

/** The figures of one wire, as the client measures them. */
export interface WireRun
  extends Pick<SendSummary, "sent" | "accepted" | "rejected" | "rejectedByReason" | "unsent" | "unconfirmed"> {
  readonly protocol: string;
  readonly elapsedMs: number;
  readonly perSecond: number;
  /** Half of the notifications had their outcome within this time. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Of this process: client, TLS and measuring. */
  readonly cpuSeconds: number;
  readonly bytesWritten: number;
  readonly connections: number;
  readonly resent: number;
}

/** Sends to all device tokens, by the same code over each wire. Connecting is not measured. */
export async function runWire(
  transport: CountingTransport,
  notification: Notification,
  deviceTokens: Iterable<string>,
  count: number,
  onAccepted: (deviceToken: string) => void,
  onProgress: (progress: SendProgress) => void,
): Promise<WireRun> {
  try {
    await transport.connect();
    const timesMs = new Float64Array(count);
    let settled = 0;
    const observed = observe(transport, {
      settled: ({ deviceToken }, { kind }, elapsedMs) => {
        timesMs[settled++] = elapsedMs;
        if (kind === "accepted") onAccepted(deviceToken);
      },
    });
    const cpuBefore = process.cpuUsage();
    const startedAt = performance.now();
    const summary = await sendAll(observed, { notification, deviceTokens }, { onProgress }).summary();
    const elapsedMs = performance.now() - startedAt;
    const cpu = process.cpuUsage(cpuBefore);
    const { bytesWritten, connectionsOpened, resent } = transport.stats();
    const { sent, accepted, rejected, rejectedByReason, unsent, unconfirmed } = summary;
    const sorted = timesMs.subarray(0, settled).sort();
    return {
      protocol: transport.protocol,
      ...{ sent, accepted, rejected, rejectedByReason, unsent, unconfirmed },
      elapsedMs: rounded(elapsedMs),
      perSecond: Math.round((sent / elapsedMs) * 1000),
      p50Ms: rounded(percentile(sorted, 0.5)),
      p99Ms: rounded(percentile(sorted, 0.99)),
      cpuSeconds: Number(((cpu.user + cpu.system) / 1e6).toFixed(2)),
      bytesWritten,
      connections: connectionsOpened,
      resent,
    };
  } finally {
    await transport.close({ timeoutMs: 1000 });
  }
}

function percentile(sorted: Float64Array, share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

function rounded(value: number): number {
  return Number(value.toFixed(1));
}

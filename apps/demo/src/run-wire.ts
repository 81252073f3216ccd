import { type SendProgress, sendAll, type Transport } from "@apns/core";
import { Books } from "./books.js";
import { MeasuredTransport } from "./measured-transport.js";
import type { Workload } from "./workload.js";

/** The figures of one wire, as the client measures them. */
export interface WireRun {
  readonly protocol: string;
  readonly sent: number;
  readonly accepted: number;
  readonly rejected: number;
  readonly rejectedByReason: Readonly<Record<string, number>>;
  readonly unsent: number;
  readonly unconfirmed: number;
  readonly elapsedMs: number;
  readonly perSecond: number;
  /** Half of the notifications had their outcome within this time. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Of this process: client, TLS and measuring, without the simulator. */
  readonly cpuSeconds: number;
  readonly bytesWritten: number;
  readonly connections: number;
  readonly resent: number;
}

/** Sends the workload. The very same code for each wire: only the transport differs. */
export async function runWire(
  transport: Transport,
  workload: Workload,
  onProgress: (progress: SendProgress) => void,
): Promise<{ run: WireRun; books: Books }> {
  const { notification, count } = workload;
  const measured = new MeasuredTransport(transport, count);
  const books = new Books(count);
  const cpuBefore = process.cpuUsage();
  const startedAt = performance.now();
  const sending = sendAll(measured, { notification, deviceTokens: workload.deviceTokens() }, { onProgress });
  for await (const { index, outcome } of sending) books.enter(index, outcome.kind);
  const { sent, accepted, rejected, rejectedByReason, unsent, unconfirmed } = await sending.summary();
  const elapsedMs = performance.now() - startedAt;
  const cpu = process.cpuUsage(cpuBefore);
  const { bytesWritten, connectionsOpened, resent } = transport.stats();
  await transport.close();
  return {
    books,
    run: {
      protocol: transport.protocol,
      sent,
      accepted,
      rejected,
      rejectedByReason,
      unsent,
      unconfirmed,
      elapsedMs: round(elapsedMs, 1),
      perSecond: Math.round((sent / elapsedMs) * 1000),
      p50Ms: round(measured.percentile(0.5), 1),
      p99Ms: round(measured.percentile(0.99), 1),
      cpuSeconds: round((cpu.user + cpu.system) / 1e6, 2),
      bytesWritten,
      connections: connectionsOpened,
      resent,
    },
  };
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}

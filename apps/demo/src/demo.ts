import { BinaryTransport, feedback } from "@apns/binary";
import type { Transport } from "@apns/core";
import { Http2Transport } from "@apns/http2";
import type { Balance } from "./books.js";
import type { DemoOptions } from "./options.js";
import { progressBar } from "./progress.js";
import { explanation, table, verdict, type WireReport } from "./report.js";
import { runWire } from "./run-wire.js";
import type { AcceptedCounts, Apple } from "./simulator/calls.js";
import { SimulatorProcess } from "./simulator/process.js";
import { Workload } from "./workload.js";

interface Wire {
  readonly protocol: keyof AcceptedCounts;
  readonly title: string;
  open(): Transport;
}

/** Long enough for any workload: no notification is to time out. */
const timeoutMs = 3_600_000;

/** As many for each wire: what `@apns/http2` opens by itself when streams run out. */
const connections = 4;

function wires(apple: Apple, options: DemoOptions): Wire[] {
  return [
    {
      protocol: "binary",
      title: "binary (legacy)",
      open: () =>
        new BinaryTransport({
          environment: apple.gateway,
          auth: { type: "certificate", ...apple.tls },
          reconnectEvery: options.reconnectEvery,
          maxConnections: connections,
          timeoutMs,
        }),
    },
    {
      protocol: "http2",
      title: "HTTP/2",
      open: () =>
        new Http2Transport({
          environment: apple.http2,
          auth: { type: "token", key: apple.signingKey, keyId: apple.keyId, teamId: apple.teamId },
          topic: apple.topic,
          maxConnections: connections,
          timeoutMs,
        }),
    },
  ];
}

/** Runs the workload over each wire in turn, prints what became of it, and returns the figures. */
export async function demo(options: DemoOptions, print: (text: string) => void): Promise<readonly WireReport[]> {
  const workload = new Workload(options);
  const simulator = await SimulatorProcess.start(options, options.delayMs);
  try {
    const { apple } = simulator;
    if (!options.json) print(introduction(options));
    const reports: WireReport[] = [];
    for (const wire of wires(apple, options)) {
      const bar = progressBar(wire.title, options.count, !options.json);
      const { run, books } = await runWire(wire.open(), workload, (progress) => bar.update(progress)).finally(bar.stop);
      const counts = await simulator.counts();
      const balance: Balance = books.balance(counts[wire.protocol], (index) => workload.kind(index));
      reports.push({ ...run, ...balance });
    }
    const feedbackCount = await countFeedback(apple);
    if (options.json) {
      const { json: _, help: __, page: ___, port: ____, ...asked } = options;
      print(`${JSON.stringify({ workload: asked, transports: reports }, null, 2)}\n`);
    } else {
      print(conclusion(options, reports, feedbackCount));
    }
    return reports;
  } finally {
    await simulator.stop();
  }
}

/** The legacy wire tells of removed apps apart from the sending. */
async function countFeedback(apple: Apple): Promise<number> {
  const tuples = feedback({ environment: apple.feedback, auth: { type: "certificate", ...apple.tls } });
  let count = 0;
  for await (const _ of tuples) count++;
  return count;
}

function introduction({ count, badPercent, unregisteredPercent, delayMs, seed }: DemoOptions): string {
  return (
    `${count.toLocaleString("en-US")} notifications over each wire to a local stand-in for Apple: ${badPercent} % bad and ` +
    `${unregisteredPercent} % unregistered device tokens (seed ${seed}), ${delayMs} ms round trip.\n\n`
  );
}

function conclusion(options: DemoOptions, reports: readonly WireReport[], feedbackCount: number): string {
  const sentences = reports.map((report) => explanation(report, options, feedbackCount));
  return [
    table(reports),
    "",
    ...sentences,
    "",
    ...reports.map(verdict),
    "",
    "Try other numbers: npx pnpm@10 demo --bad 20 --delay-ms 0 --count 200000 (all options: --help)",
    "",
  ].join("\n");
}

import { CertificateAuthority } from "@apns/credentials";
import { type Figures, medianRatio, medianRow } from "../figures.js";
import { ratioGoal, rowGoal } from "../goals.js";
import { contenderCore, runScript, sinkCore, startScript } from "../processes.js";
import type { BenchResult, Progress } from "../report.js";
import type { BinarySetting, SinkCalls, SinkFigures } from "./setting.js";

interface Contender {
  readonly name: string;
  readonly script: string;
  /** Flags of Node's. */
  readonly flags?: readonly string[];
  /** A payload of its own for each send. */
  readonly personal?: boolean;
  /** Share of the full load that is enough for a figure. */
  readonly share: number;
}

const ours: Contender = { name: "@apns/binary, send", script: "ours.js", share: 1 };
const roomy: Contender = {
  name: "@apns/binary, send, roomy",
  script: "ours.js",
  flags: ["--max-semi-space-size=64"],
  share: 1,
};
const different: Contender = {
  name: `${ours.name}, each payload different`,
  script: "ours.js",
  personal: true,
  share: 0.5,
};
const throughSendAll: Contender = { name: "@apns/binary, sendAll", script: "send-all.js", share: 1 };
const apn: Contender = { name: "apn@1.7.8", script: "apn.js", share: 0.03 };
const plainWrites: Contender = { name: "a write per frame, no outcomes", script: "plain-writes.js", share: 0.5 };
const slab: Contender = { name: "frames in a slab, no outcomes", script: "slab.js", share: 1 };
const contenders = [ours, roomy, different, throughSendAll, apn, plainWrites, slab];

export async function benchBinary(quick: boolean, progress: Progress): Promise<BenchResult> {
  const authority = await CertificateAuthority.create({ commonName: "Bench CA", keyType: "rsa" });
  const identity = await authority.issueServer({ hosts: ["127.0.0.1", "localhost"], keyType: "rsa" });
  const sink = startScript<SinkCalls>(new URL("sink.js", import.meta.url), sinkCore);
  const port = await sink.call("listen", identity);
  const sinkFigures = (): Promise<SinkFigures> => sink.call("figures");
  // The sink asks for no certificate, but apn@1.7.8 looks at its own and takes none that is not for push.
  const client = await authority.issuePushCertificate({
    bundleId: "com.example.App",
    teamId: "TEAM123456",
    environments: ["production", "development"],
    keyType: "rsa",
  });
  const setting = { port, ca: authority.cert, cert: client.cert, key: client.key };
  /** The same once nothing is under way any more: contenders without outcomes end before all they wrote is read. */
  const settledFigures = async (): Promise<SinkFigures> => {
    for (let before = await sinkFigures(); ; ) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      const now = await sinkFigures();
      if (now.frames === before.frames) return now;
      before = now;
    }
  };
  const run = ({ script, flags, personal = false }: Contender, count: number, warmUp: number): Promise<Figures> => {
    const input: BinarySetting = { ...setting, count, warmUp, personal };
    return runScript<Figures>(new URL(script, import.meta.url), input, contenderCore, flags);
  };
  const times = quick ? 1 : 5;
  const full = quick ? 1_000_000 : 2_000_000;
  const notes: string[] = [];
  const results = new Map<Contender, Figures[]>(contenders.map((contender) => [contender, []]));
  const shares = new Map<Contender, number>();
  try {
    for (let round = 0; round < times; round++) {
      for (const contender of contenders) {
        progress(`round ${round + 1}/${times}: ${contender.name}`);
        const count = Math.round(full * contender.share);
        const warmUp = Math.round(count / 4);
        const before = await sinkFigures();
        const figures = await run(contender, count, warmUp);
        const after = await settledFigures();
        results.get(contender)!.push(figures);
        shares.set(contender, (after.cpuSeconds - before.cpuSeconds) / ((count + warmUp) / (figures.perSecond ?? 1)));
        const arrived = after.frames - before.frames;
        if (arrived !== count + warmUp)
          notes.push(`${contender.name}: ${arrived} of ${count + warmUp} frames arrived.`);
      }
    }
    const total = quick ? 2_000_000 : 10_000_000;
    progress(`${total.toLocaleString("en-US")} sends`);
    const long = await run(ours, total, 0);
    const rows = contenders.map((contender) => medianRow(contender.name, results.get(contender)!));
    rows.push(medianRow(`${ours.name}, ${total / 1_000_000} million in one run`, [long]));
    const ratios: Record<string, number | null> = {};
    for (const other of contenders.slice(1)) {
      ratios[`${ours.name} / ${other.name}`] = medianRatio(results.get(ours)!, results.get(other)!, "perSecond");
    }
    ratios[`${roomy.name} / ${apn.name}`] = medianRatio(results.get(roomy)!, results.get(apn)!, "perSecond");
    ratios[`${throughSendAll.name} / ${apn.name}`] = medianRatio(
      results.get(throughSendAll)!,
      results.get(apn)!,
      "perSecond",
    );
    const share = (contender: Contender): number => Math.round((shares.get(contender) ?? 0) * 100);
    notes.push(
      `The sink used about ${share(ours)} % of its core while ${ours.name} ran, and ${share(slab)} % for the slab.`,
      "Only @apns/binary knows what became of each notification: a barrier every 10,000. TLS 1.3, 250 bytes of payload; apn@1.7.8 writes frames of command 2, the others of command 1.",
      `"Roomy" runs with ${roomy.flags?.join(" ")}: a young generation that holds all that is in flight.`,
    );
    const goals = [
      ratioGoal(ratios, `${ours.name} / ${apn.name}`, { atLeast: 10 }),
      rowGoal(rows, ours.name, "perSecond", { atLeast: 700_000 }),
    ];
    return { bench: "binary", rounds: times, rows, ratios, goals, notes };
  } finally {
    await sink.end();
  }
}

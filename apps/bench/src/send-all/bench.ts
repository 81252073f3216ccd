// Whether a campaign of any size runs in the same memory: ten times the device tokens, streamed through `sendAll`, should
// take the same peak.
import { CertificateAuthority } from "@apns/credentials";
import type { SinkCalls } from "../binary/setting.js";
import { type Figures, medianRatio, medianRow, type Row } from "../figures.js";
import { type Goal, rowGoal } from "../goals.js";
import { serverKinds } from "../http2/servers.js";
import { makeSigningKey } from "../http2/setting.js";
import { contenderCore, runScript, sinkCore, startScript } from "../processes.js";
import type { BenchResult, Progress } from "../report.js";

type Run = (count: number) => Promise<Figures>;

export async function benchSendAll(quick: boolean, progress: Progress): Promise<BenchResult> {
  const [few, many] = quick ? [200_000, 2_000_000] : [1_000_000, 10_000_000];
  const authority = await CertificateAuthority.create({ commonName: "Bench CA", keyType: "ec" });
  const identity = await authority.issueServer({ hosts: ["127.0.0.1", "localhost"], keyType: "ec" });
  const rows: Row[] = [];
  const ratios: Record<string, number | null> = {};
  const goals: Goal[] = [];

  const compare = async (name: string, run: Run): Promise<void> => {
    const figures: Figures[] = [];
    for (const count of [few, many]) {
      const label = `${name}, ${count.toLocaleString("en-US")} device tokens`;
      progress(label);
      figures.push(await run(count));
      rows.push(medianRow(label, [figures.at(-1)!]));
      if (count === many) goals.push(rowGoal(rows, label, "peakRssMiB", { atMost: 200 }));
    }
    ratios[`${name}: peak RSS, ${many / few} times as many / as many`] = medianRatio(
      [figures[1]!],
      [figures[0]!],
      "peakRssMiB",
    );
  };

  await overHttp2(identity, authority.cert, compare);
  await overBinary(identity, authority, compare);
  return {
    bench: "send-all",
    rounds: 1,
    rows,
    ratios,
    goals,
    notes: [
      "Device tokens come one by one from an async generator, every result is read, one connection's worth in flight.",
    ],
  };
}

type Identity = Awaited<ReturnType<CertificateAuthority["issueServer"]>>;
type Compare = (name: string, run: Run) => Promise<void>;

async function overHttp2(identity: Identity, ca: string, compare: Compare): Promise<void> {
  const server = await serverKinds[0]!.start(identity);
  try {
    const setting = { port: server.port, ca, signingKey: await makeSigningKey() };
    const script = new URL("over-http2.js", import.meta.url);
    await compare("@apns/http2", (count) => runScript(script, { ...setting, count }, contenderCore));
  } finally {
    await server.stop();
  }
}

async function overBinary(identity: Identity, authority: CertificateAuthority, compare: Compare): Promise<void> {
  const sink = startScript<SinkCalls>(new URL("../binary/sink.js", import.meta.url), sinkCore);
  try {
    const port = await sink.call("listen", identity);
    const { cert, key } = await authority.issuePushCertificate({
      bundleId: "com.example.App",
      teamId: "TEAM123456",
      environments: ["production", "development"],
      keyType: "ec",
    });
    const setting = { port, ca: authority.cert, cert, key };
    const script = new URL("over-binary.js", import.meta.url);
    await compare("@apns/binary", (count) => runScript(script, { ...setting, count }, contenderCore));
  } finally {
    await sink.end();
  }
}

import { CertificateAuthority } from "@apns/credentials";
import type { Load } from "../contender.js";
import { type Figures, medianRatio, medianRow, type Row } from "../figures.js";
import { type Bound, ratioGoal } from "../goals.js";
import { contenderCore, has, runScript } from "../processes.js";
import type { BenchResult, Progress } from "../report.js";
import { h2load } from "./h2load.js";
import { type Server, type ServerKind, serverKinds } from "./servers.js";
import { type Http2Setting, makeSigningKey, type Varied } from "./setting.js";

/** The part of the setting that is the same for every server and load. */
type Setting = Omit<Http2Setting, "port" | "load" | "deviceTokens">;

interface Contender {
  readonly name: string;
  /** Share of the full load that is enough for a figure. */
  readonly share: number;
  run(setting: Http2Setting): Promise<Figures>;
}

const script =
  (file: string) =>
  (setting: Http2Setting): Promise<Figures> =>
    runScript(new URL(file, import.meta.url), setting, contenderCore);

const ours: Contender = { name: "@apns/http2", share: 1, run: script("ours.js") };
const oursVaried = (name: string, varied: Varied): Contender => ({
  name: `${ours.name}, ${name}`,
  share: 0.5,
  run: (setting) => ours.run({ ...setting, varied }),
});
/** Notifications that differ from push to push; their CPU time is compared with that of one notification for all. */
const oursPersonal: readonly Contender[] = [
  oursVaried("ready-made payloads", "ready-made payload"),
  oursVaried("each payload different", "payload"),
  oursVaried("each collapse id different", "collapse id"),
  oursVaried("each expiration different", "expiration"),
  oursVaried("each collapse id and expiration different", "collapse id and expiration"),
  oursVaried("200 collapse ids", "200 collapse ids"),
  oursVaried("merge fields", "merge fields"),
];
const byHand: Contender = { name: "node:http2", share: 0.1, run: script("node-http2.js") };
const c: Contender = { name: "h2load (C)", share: 1, run: ({ port, load }) => h2load(port, load) };
const peers: readonly Contender[] = [
  { name: "@parse/node-apn", share: 0.06, run: script("parse-node-apn.js") },
  { name: "apns2", share: 0.03, run: script("apns2.js") },
];
/** Each with the API of one of the peers, in the same use. */
const dropIns: readonly (Contender & { readonly of: string })[] = [
  { name: "@apns/node-apn", of: "@parse/node-apn", share: 0.5, run: script("drop-in-node-apn.js") },
  { name: "@apns/apns2", of: "apns2", share: 0.5, run: script("drop-in-apns2.js") },
];

/** The name of the ratio of a contender's CPU time to that of one notification for all. */
const ratioToSame = (name: string): string => `${name} / the same for all, CPU`;

/** The goals: never slower than C, at least 20 times as fast as the other Node clients, and no cliff where notifications differ. */
const asked: Readonly<Record<string, Bound>> = {
  [`${ours.name} / ${c.name}`]: { atLeast: 1.3 },
  [`${ours.name} / ${c.name}, CPU`]: { atMost: 0.7 },
  [`${ours.name} / ${c.name} on nginx`]: { atLeast: 1 },
  [`${ours.name} / ${c.name} on nghttpd`]: { atLeast: 1 },
  [ratioToSame(`${ours.name}, ready-made payloads`)]: { atMost: 1.2 },
  [ratioToSame(`${ours.name}, each payload different`)]: { atMost: 1.6 },
  [ratioToSame(`${ours.name}, each collapse id and expiration different`)]: { atMost: 1.8 },
  [ratioToSame(`${ours.name}, merge fields`)]: { atMost: 1.35 },
  ...Object.fromEntries(peers.map(({ name }) => [`${ours.name} / ${name}`, { atLeast: 20 }])),
  ...Object.fromEntries(dropIns.map(({ name, of }) => [`${name} / ${of}`, { atLeast: 15 }])),
};

/** Each contender in turn, A B C A B C, against one server. */
async function rounds(
  server: Server,
  { deviceTokens }: ServerKind,
  contenders: readonly Contender[],
  count: number,
  times: number,
  setting: Setting,
  progress: Progress,
): Promise<Map<string, Figures[]>> {
  const results = new Map<string, Figures[]>(contenders.map(({ name }) => [name, []]));
  for (let round = 0; round < times; round++) {
    for (const contender of contenders) {
      progress(`round ${round + 1}/${times}: ${contender.name}`);
      const load: Load = {
        count: Math.round(count * contender.share),
        warmUp: Math.round(count * contender.share * 0.25),
        inFlight: 1000,
      };
      results.get(contender.name)!.push(await contender.run({ ...setting, port: server.port, deviceTokens, load }));
    }
  }
  return results;
}

export async function benchHttp2(quick: boolean, progress: Progress): Promise<BenchResult> {
  const authority = await CertificateAuthority.create({ commonName: "Bench CA", keyType: "ec" });
  const identity = await authority.issueServer({ hosts: ["127.0.0.1", "localhost"], keyType: "ec" });
  const setting = { ca: authority.cert, signingKey: await makeSigningKey() };
  const withC = has("h2load") ? [c] : [];
  const rows: Row[] = [];
  const ratios: Record<string, number | null> = {};
  const notes: string[] = [];
  const times = quick ? 1 : 5;

  const on = async (kind: ServerKind, contenders: readonly Contender[], count: number): Promise<void> => {
    if (!kind.isAvailable) {
      notes.push(`${kind.name} is not installed: not measured.`);
      return;
    }
    const server = await kind.start(identity);
    try {
      const suffix = kind.name === "fast sink" ? "" : ` on ${kind.name}`;
      const results = await rounds(server, kind, contenders, count, times, setting, (text) =>
        progress(`${kind.name}, ${text}`),
      );
      for (const [name, figures] of results) rows.push(medianRow(name + suffix, figures));
      const own = results.get(ours.name)!;
      for (const { name, of } of dropIns) {
        const [dropIn, peer] = [results.get(name), results.get(of)];
        if (dropIn !== undefined && peer !== undefined)
          ratios[`${name} / ${of}`] = medianRatio(dropIn, peer, "perSecond");
      }
      for (const [name, figures] of results) {
        if (name === ours.name || dropIns.some((dropIn) => dropIn.name === name)) continue;
        if (oursPersonal.some((personal) => personal.name === name)) {
          ratios[ratioToSame(name)] = medianRatio(figures, own, "cpuSecondsPer100k");
          continue;
        }
        ratios[`${ours.name} / ${name}${suffix}`] = medianRatio(own, figures, "perSecond");
        ratios[`${ours.name} / ${name}${suffix}, CPU`] = medianRatio(own, figures, "cpuSecondsPer100k");
      }
      if (kind.name === "fast sink") notes.push(await sinkShare(server, kind, setting, quick));
    } finally {
      await server.stop();
    }
  };

  const [sink, ...servers] = serverKinds;
  const all = [ours, ...oursPersonal, ...withC, byHand, ...peers, ...dropIns];
  await on(sink!, all, quick ? 300_000 : 1_000_000);
  for (const kind of servers) await on(kind, [ours, ...withC], quick ? 100_000 : 400_000);
  if (withC.length === 0) notes.push("h2load is not installed: not measured.");
  if (!quick) await latency(sink!, identity, setting, rows, ratios, times, progress);
  const goals = Object.entries(asked).map(([name, bound]) => ratioGoal(ratios, name, bound));
  return { bench: "http2", rounds: times, rows, ratios, goals, notes };
}

/** How much of its core the sink used while @apns/http2 ran: near 100 %, the sink would be the bottleneck. */
async function sinkShare(
  server: Server,
  { deviceTokens }: ServerKind,
  setting: Setting,
  quick: boolean,
): Promise<string> {
  const count = quick ? 200_000 : 500_000;
  const before = (await server.cpuSeconds()) ?? 0;
  const startedAt = performance.now();
  const { perSecond } = await ours.run({
    ...setting,
    port: server.port,
    deviceTokens,
    load: { count, warmUp: 0, inFlight: 1000 },
  });
  const seconds = (performance.now() - startedAt) / 1000;
  const used = ((await server.cpuSeconds()) ?? 0) - before;
  const sending = count / (perSecond ?? 1);
  return `The sink used ${Math.round((used / Math.min(sending, seconds)) * 100)} % of its core while @apns/http2 sent.`;
}

/** Time to outcome at a rate far below what either side can do. */
async function latency(
  kind: ServerKind,
  identity: Parameters<ServerKind["start"]>[0],
  setting: Setting,
  rows: Row[],
  ratios: Record<string, number | null>,
  times: number,
  progress: Progress,
): Promise<void> {
  const server = await kind.start(identity);
  try {
    const load: Load = { count: 8000, warmUp: 20_000, inFlight: 1000, pacedPerSecond: 2000 };
    const results = new Map<Contender, Figures[]>([ours, byHand].map((contender) => [contender, []]));
    for (let round = 0; round < times; round++) {
      for (const [contender, figures] of results) {
        progress(`2,000 per second, round ${round + 1}/${times}: ${contender.name}`);
        figures.push(await contender.run({ ...setting, port: server.port, deviceTokens: kind.deviceTokens, load }));
      }
    }
    for (const [{ name }, figures] of results) rows.push(medianRow(`${name} at 2,000/s`, figures));
    const [own, others] = [results.get(ours)!, results.get(byHand)!];
    ratios[`${ours.name} / ${byHand.name} at 2,000/s, p50`] = medianRatio(own, others, "p50Ms");
    ratios[`${ours.name} / ${byHand.name} at 2,000/s, p99`] = medianRatio(own, others, "p99Ms");
  } finally {
    await server.stop();
  }
}

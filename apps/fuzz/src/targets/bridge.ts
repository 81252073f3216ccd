import { connect } from "node:tls";
import { type Bridge, memoryFeedbackStore, startBridge } from "@apns/bridge";
import { type Outcome, rejectedByHttp, type Transport } from "@apns/core";
import { testIdentities } from "@apns/testkit/identities";
import { closed } from "../closed.js";
import { must } from "../must.js";
import type { OpenTarget, Target } from "../target.js";
import { frameSeeds, mutateFrames } from "./binary-frames.js";
import { idleStats } from "./idle-stats.js";

const reasons: readonly (readonly [reason: string, httpStatus: number])[] = [
  ["BadDeviceToken", 400],
  ["Unregistered", 410],
  ["PayloadEmpty", 400],
  ["TooManyRequests", 429],
  ["NobodyKnows", 499],
];

/** The first byte of a device token decides what becomes of it; never the loss of a connection, which later inputs would feel. */
function outcomeOf(deviceToken: string): Outcome {
  const base = { deviceToken, apnsId: undefined, attempts: 1 };
  const [reason, httpStatus] = reasons[Number.parseInt(deviceToken.slice(0, 2), 16) % 12] ?? [];
  if (reason === undefined) return { ...base, kind: "accepted" };
  return rejectedByHttp(base, { reason, httpStatus: httpStatus! });
}

const upstream: Transport = {
  protocol: "http2",
  send: async (_, deviceToken) => outcomeOf(deviceToken),
  stats: () => idleStats,
  close: async () => {},
  [Symbol.asyncDispose]: async () => {},
};

/**
 * A bridge for one app before that transport, on ports of its own; what it logs as an error is handed on.
 * @param furtherCa an authority that it trusts beside that of the tests' identities, PEM
 */
export async function startTested(onError: (message: string) => void, furtherCa?: string): Promise<Bridge> {
  const { ca, server } = await testIdentities();
  return startBridge({
    gateway: { host: "127.0.0.1", port: 0 },
    feedback: { host: "127.0.0.1", port: 0 },
    tls: { ...server, clientCa: furtherCa === undefined ? ca : [ca, furtherCa] },
    apps: [
      {
        name: "app",
        topic: "com.example.App",
        transport: upstream,
        // Else it is tried again for longer than one input is worth.
        rules: { TooManyRequests: "shutdown" },
      },
    ],
    senders: [{ name: "old", app: "app", match: { uid: "com.example.App" } }],
    feedbackStore: memoryFeedbackStore(),
    errorLingerMs: 0,
    log: {
      debug: () => {},
      info: () => {},
      warn: () => {},
      error: (fields, message) => onError(`${message} ${JSON.stringify(fields)}`),
    },
  });
}

async function open(): Promise<OpenTarget> {
  const mishaps: string[] = [];
  const bridge = await startTested((message) => void mishaps.push(message));
  const { ca, client } = await testIdentities();
  const port = bridge.ports.gateway[0]!;
  return {
    seeds: frameSeeds,
    mutate: mutateFrames,
    run: async (input) => {
      const socket = connect({
        host: "127.0.0.1",
        port,
        servername: "localhost",
        ca,
        ...client,
        allowHalfOpen: true,
      } as never);
      const said: Buffer[] = [];
      socket.on("data", (chunk: Buffer) => void said.push(chunk));
      socket.end(input);
      await closed(socket);
      const answer = Buffer.concat(said);
      must(answer.length === 0 || (answer.length === 6 && answer[0] === 8), "a gateway says nothing, or six bytes");
      must(mishaps.length === 0, "nothing is logged as an error", mishaps.splice(0).join());
    },
    close: () => bridge.close({ timeoutMs: 0 }),
  };
}

export const bridge: Target = {
  name: "bridge",
  summary: "frames of a legacy sender, to a whole bridge, over TLS",
  maxInputBytes: 32_768,
  maxMs: 8000,
  testInputs: 40,
  open,
};

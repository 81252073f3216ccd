// Upstream fault × place in the batch × command × window. For each: what the sender saw, what upstream accepted and how
// often, what the feedback service will tell, and what stands in the audit.
import type { Fault } from "@apns/simulator";
import { describe, expect, test } from "vitest";
import { memoryFeedbackStore, type Rules } from "../src/index.ts";
import { sendBatch } from "./legacy-batch.ts";
import { apple, bridgeFor, type FrameParts, frame, topic, transportTo, until } from "./support.ts";

/**
 * What a correct sender sees: an error response with this status code, or nothing at all. "shutdown" is status code 10
 * naming the one before, and once more with nothing accepted before it; then it gets through.
 */
type Seen = "silence" | "shutdown" | number;

interface Row {
  readonly name: string;
  /** Wrong with the victim's frame itself. */
  readonly frame?: FrameParts;
  /** Wrong upstream, for the victim only. */
  readonly fault?: (deviceToken: string) => Fault;
  readonly unregistered?: boolean;
  readonly unknown?: boolean;
  /** Costs the connection upstream, and with it a pause before the next: few cells at a time, then. */
  readonly endsConnection?: boolean;
  readonly rules?: Rules;
  readonly seen: Seen;
  /** Whether upstream accepts the victim in the end, and whether twice. */
  readonly victim: "accepted" | "twice" | "never";
  /** What the audit calls it; `undefined` if nothing stands there. */
  readonly cause?: string;
  /** Whether the feedback service tells it; and since when, where that is known. */
  readonly feedback?: number | "now";
}

/** A refusal that ends by itself, and one that does not. */
const once = (reason: string) => (deviceToken: string) => ({ type: "reject", reason, deviceToken, times: 1 }) as const;
const always = (reason: string) => (deviceToken: string) => ({ type: "reject", reason, deviceToken }) as const;

const rows: readonly Row[] = [
  { name: "a device token nobody knows", unknown: true, seen: 8, victim: "never", cause: "BadDeviceToken" },
  {
    name: "DeviceTokenNotForTopic",
    fault: always("DeviceTokenNotForTopic"),
    seen: 8,
    victim: "never",
    cause: "DeviceTokenNotForTopic",
  },
  {
    name: "an uninstalled app (410)",
    unregistered: true,
    seen: "silence",
    victim: "never",
    cause: "Unregistered",
    feedback: 1_700_000_000,
  },
  {
    name: "ExpiredToken (410)",
    fault: always("ExpiredToken"),
    seen: "silence",
    victim: "never",
    cause: "ExpiredToken",
    feedback: "now",
  },
  {
    name: "PayloadTooLarge upstream",
    fault: always("PayloadTooLarge"),
    seen: 7,
    victim: "never",
    cause: "PayloadTooLarge",
  },
  {
    name: "a reason nobody knows",
    fault: (deviceToken) => ({ type: "reject", reason: "Novel", httpStatus: 400, deviceToken }),
    seen: 1,
    victim: "never",
    cause: "Novel",
  },
  { name: "429 once", fault: once("TooManyRequests"), seen: "silence", victim: "accepted" },
  { name: "429 without end", fault: always("TooManyRequests"), seen: 1, victim: "never", cause: "TooManyRequests" },
  { name: "500 once", fault: once("InternalServerError"), endsConnection: true, seen: "silence", victim: "accepted" },
  { name: "503 once", fault: once("ServiceUnavailable"), seen: "silence", victim: "accepted" },
  {
    name: "503, three times over",
    fault: (deviceToken) => ({ type: "reject", reason: "ServiceUnavailable", deviceToken, times: 3 }),
    seen: "silence",
    victim: "accepted",
  },
  {
    name: "503 for longer than is waited",
    fault: (deviceToken) => ({ type: "reject", reason: "ServiceUnavailable", deviceToken, times: 4 }),
    rules: { ServiceUnavailable: { retryForMs: 1, finally: "shutdown" } },
    seen: "shutdown",
    victim: "accepted",
    cause: "ServiceUnavailable",
  },
  {
    name: "a stream refused (unsent)",
    fault: (deviceToken) => ({ type: "refuseStream", deviceToken, times: 1 }),
    seen: "silence",
    victim: "accepted",
  },
  {
    name: "GOAWAY",
    endsConnection: true,
    fault: (deviceToken) => ({ type: "goAway", lastStream: "previous", deviceToken, times: 1 }),
    seen: "silence",
    victim: "accepted",
  },
  {
    name: "an answer lost (unconfirmed)",
    fault: (deviceToken) => ({ type: "resetStream", errorCode: 2, decided: true, deviceToken, times: 1 }),
    seen: "silence",
    victim: "twice",
  },
  {
    name: "an answer lost, nothing decided (unconfirmed)",
    fault: (deviceToken) => ({ type: "resetStream", errorCode: 2, deviceToken, times: 1 }),
    seen: "silence",
    victim: "accepted",
  },
  {
    name: "an answer lost, to be sent at most once",
    fault: (deviceToken) => ({ type: "resetStream", errorCode: 2, decided: true, deviceToken, times: 1 }),
    rules: { unconfirmed: "accept" },
    seen: "silence",
    victim: "accepted",
    cause: "unconfirmed",
  },
  {
    name: "an answer lost, nothing decided, to be sent at most once",
    fault: (deviceToken) => ({ type: "resetStream", errorCode: 2, deviceToken, times: 1 }),
    rules: { unconfirmed: "accept" },
    seen: "silence",
    victim: "never",
    cause: "unconfirmed",
  },
  { name: "403 for a while", fault: once("BadCertificateEnvironment"), seen: "silence", victim: "accepted" },
  { name: "an empty device token", frame: { token: "" }, seen: 2, victim: "never", cause: "MissingDeviceToken" },
  { name: "a device token of one byte", frame: { token: "00" }, seen: 5, victim: "never", cause: "InvalidTokenSize" },
  { name: "an empty payload", frame: { payload: "" }, seen: 4, victim: "never", cause: "PayloadEmpty" },
  {
    name: "a payload of 2,049 bytes",
    frame: { payload: "x".repeat(2049) },
    seen: 7,
    victim: "never",
    cause: "PayloadTooLarge",
  },
];

const size = 12;
const places = { first: 0, middle: 5, last: size - 1 };
const windows = [1, 3, 1000];
const firstIdentifier = 0xfff0_0000;

/** One place in the batch with one command: a sender of its own, and device tokens of its own. */
interface Cell {
  readonly name: string;
  readonly place: string;
  readonly at: number;
  readonly command: 0 | 1 | 2;
  readonly tokens: readonly string[];
  readonly victim: string;
}

const cells: readonly Cell[] = Object.entries(places).flatMap(([place, at]) =>
  ([0, 1, 2] as const).map((command) => {
    const begin = `${at.toString(16).padStart(4, "0")}${command}000`;
    const tokens = Array.from({ length: size }, (_, index) => begin + index.toString(16).padStart(56, "0"));
    return { place, name: `${place} of the batch, command ${command}`, at, command, tokens, victim: tokens[at]! };
  }),
);

describe.each(rows)("$name", (row) => {
  const refused = row.seen !== "silence";
  const together = row.endsConnection
    ? Object.keys(places).map((name) => cells.filter(({ place }) => place === name))
    : [cells];
  const runs = windows.flatMap((window) =>
    together.map((group) => ({ window, group, where: row.endsConnection ? group[0]!.place : "every place" })),
  );

  test.each(runs)("window $window: $where in the batch, every command", async ({ window, group }) => {
    const simulator = await apple({ keyType: "ec", maxReceived: 10_000 });
    for (const { tokens, victim } of group) {
      simulator.world.register(row.unknown ? tokens.filter((token) => token !== victim) : tokens);
      if (row.unregistered) simulator.world.unregister(victim, 1_700_000_000_999);
      if (row.fault) simulator.faults.add(row.fault(victim));
    }
    const feedbackStore = memoryFeedbackStore();
    const rules: Rules = { TooManyRequests: { retryForMs: 300, finally: { refuse: 1 } }, ...row.rules };
    const { bridge, rejections } = await bridgeFor(
      { transport: transportTo(simulator), rules },
      { window, feedbackStore },
    );
    const answers = await Promise.all(
      group.map(({ tokens, at, command }) => {
        const batch = tokens.map((token, index) => {
          const identifier = firstIdentifier + index;
          const wrong = index === at ? row.frame : undefined;
          return { identifier, bytes: frame({ command, token, identifier, ...wrong }) };
        });
        return sendBatch(bridge.ports.gateway[0]!, batch);
      }),
    );
    await until(() => bridge.stats().undecided === 0);

    const accepted = new Map<string, number>();
    for (const { verdict, deviceToken } of simulator.received) {
      if (verdict.kind === "accepted") accepted.set(deviceToken, (accepted.get(deviceToken) ?? 0) + 1);
    }
    const feedback = new Map<string, number>();
    for await (const { deviceToken, unregisteredAt } of feedbackStore.read(topic)) {
      feedback.set(deviceToken, unregisteredAt.getTime() / 1000);
    }
    let audited = 0;
    const endings: Record<string, number> = {};
    const expectEnding = (how: string) => {
      endings[how] = (endings[how] ?? 0) + 1;
    };

    for (const [index, { name, at, command, tokens, victim }] of group.entries()) {
      // What the sender saw: of a refused frame of command 0 nothing but the end.
      const named = firstIdentifier + at;
      const rounds =
        row.seen === "shutdown"
          ? [10, at === 0 ? 0 : named - 1, 10, 0]
          : row.seen === "silence"
            ? []
            : [row.seen, named];
      const seen = command === 0 ? [] : rounds;
      expect(
        answers[index]!.flatMap(({ statusCode, identifier }) => [statusCode, identifier]),
        name,
      ).toEqual(seen);
      if (refused && command === 0) expectEnding("closed");
      for (let round = 0; round < seen.length; round += 2) expectEnding(`status ${seen[round]}`);
      if (!refused || (command !== 0 && (row.seen === "shutdown" || at < size - 1))) expectEnding("finished");

      // What upstream accepted, and how often.
      const certain = command === 0 && refused ? tokens.slice(0, at) : tokens.filter((token) => token !== victim);
      for (const token of certain) expect(accepted.get(token), `${name}: ${token}`).toBe(1);
      const times = { accepted: 1, twice: 2, never: 0 }[row.victim];
      expect(accepted.get(victim) ?? 0, `${name}: victim`).toBe(command === 0 && refused ? 0 : times);
      // Behind a refused frame of command 0 the sender does not resend; what had gone upstream went once.
      for (const token of tokens.slice(at + 1)) {
        const most = command === 0 && refused && window === 1 ? 0 : 1;
        expect(accepted.get(token) ?? 0, `${name}: ${token}`).toBeLessThanOrEqual(most);
      }

      // What the feedback service tells.
      expect(feedback.has(victim), name).toBe(row.feedback !== undefined);
      if (typeof row.feedback === "number") expect(feedback.get(victim), name).toBe(row.feedback);

      // What stands in the audit: a line each time it was not simply accepted.
      const deviceToken = row.frame?.token ?? victim;
      const identifier = command === 0 ? undefined : firstIdentifier + at;
      const lines = row.cause === undefined ? 0 : row.seen === "shutdown" && command !== 0 ? 2 : 1;
      audited += lines;
      // A wrong frame of command 0 tells nothing of its cell.
      const alike = group.filter((cell) => cell.command === command && (cell.at === at || deviceToken !== victim));
      const causes = rejections
        .filter(
          (line) => line.deviceToken === deviceToken && line.identifier === identifier && line.command === command,
        )
        .map(({ cause }) => cause);
      expect(causes, name).toEqual(Array(lines * (command === 0 ? alike.length : 1)).fill(row.cause));
    }
    expect(bridge.stats().endings).toEqual(endings);
    expect(feedback.size).toBe(row.feedback === undefined ? 0 : group.length);
    expect(rejections).toHaveLength(audited);
  });
});

import { readFileSync } from "node:fs";
import { alert, type Outcome } from "@apns/core";
import { contractTokens, testIdentities } from "@apns/testkit";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Http2Transport } from "../src/index.js";
import { connectRows } from "./connect-rows.js";
import { type FaultRow, faultRows } from "./fault-rows.js";
import { acceptAll, RawPeer } from "./raw-peer.js";

const { good } = contractTokens;

/** An outcome as the table writes it. */
function inWords(outcome: Outcome): string {
  const { kind, attempts } = outcome;
  if (kind === "accepted") return `accepted ${attempts}`;
  return `${kind} ${attempts} ${kind === "rejected" ? outcome.reason : outcome.cause.code}`;
}

function withoutAttempts(words: string): string {
  return words.replace(/ \d+/, "");
}

function message(bytes = 0) {
  const aps = { alert: "x".repeat(Math.max(1, bytes - 30)) };
  return alert({ topic: "com.example.App", aps });
}

// Back-off without its chance, so that the number of attempts within a deadline is no matter of luck.
beforeEach(() => {
  vi.spyOn(Math, "random").mockReturnValue(0.999);
});
afterEach(() => {
  vi.restoreAllMocks();
});

function blockEventLoop(milliseconds: number): void {
  const until = performance.now() + milliseconds;
  while (performance.now() < until);
}

async function run(row: FaultRow): Promise<void> {
  const peer = await RawPeer.start(
    (connection) => (connection.index === 0 ? row.first(connection) : (row.further ?? acceptAll)(connection)),
    { requestCert: row.options?.auth === undefined },
  );
  const { client } = await testIdentities();
  const transport = new Http2Transport({
    environment: peer.endpoint,
    auth: { type: "certificate", ...client },
    ...row.options,
  });
  try {
    await transport.connect();
    if (row.idleMs !== undefined) await new Promise((resolve) => setTimeout(resolve, row.idleMs));
    blockEventLoop(row.frozenMs ?? 0);
    const controller = new AbortController();
    const signal = controller.signal;
    const sends = row.outcomes.map((_, index) => transport.send(message(row.payloadBytes), good(index), { signal }));
    const first = peer.connections[0]!;
    blockEventLoop(row.busyMs ?? 0);
    if (row.abortAfter !== undefined) void first.received(row.abortAfter).then(() => controller.abort());
    if (row.closeAfter !== undefined) void first.received(row.closeAfter).then(() => transport.close({ timeoutMs: 0 }));
    const outcomes = await Promise.all(sends);
    // Attempts are compared as numbers where a busy machine makes fewer.
    const [told, stated] = [outcomes.map(inWords), row.outcomes].map((all) =>
      row.untilDeadline ? all.map(withoutAttempts) : all,
    );
    expect(told).toEqual(stated);
    const attempts = row.outcomes.map((outcome) => Number(outcome.split(" ")[1]));
    for (const [index, outcome] of outcomes.entries()) {
      expect(outcome.attempts).toBeGreaterThanOrEqual(Math.min(1, attempts[index]!));
      expect(outcome.attempts).toBeLessThanOrEqual(attempts[index]!);
    }
    for (const [index, pattern] of (row.says ?? []).entries()) {
      expect(outcomes[index]).toMatchObject({ cause: { message: expect.stringMatching(pattern) } });
    }
    if (row.resets !== undefined) await expect.poll(() => first.reset).toEqual(row.resets);
    expect(transport.stats()).toMatchObject({ inFlight: 0, queued: 0, streamsOpen: 0 });
    const { connectionsOpened } = transport.stats();
    if (row.untilDeadline) expect(connectionsOpened).toBeLessThanOrEqual(row.connections ?? Number.POSITIVE_INFINITY);
    else if (row.connections !== undefined) expect(connectionsOpened).toBe(row.connections);
    // Nothing was shown to the peer more often than the outcomes own up to.
    for (const [index, most] of attempts.entries()) {
      expect(peer.seen.filter((deviceToken) => deviceToken === good(index)).length).toBeLessThanOrEqual(most);
    }
  } finally {
    await transport.close({ timeoutMs: 0 });
    await peer.close();
  }
}

describe("the fault table", () => {
  test.each(faultRows.map((row) => ({ ...row, row })))("$fault: $moment", ({ row }) => run(row));
});

describe("the fault table, before there is a connection", () => {
  test.each(connectRows.map((row) => ({ ...row, row })))("$fault", async ({ row }) => {
    const transport = await row.transport();
    try {
      const outcome = await transport.send(message(), good(1));
      expect(inWords(outcome)).toBe(row.outcome);
      if (row.says !== undefined) {
        expect(outcome).toMatchObject({ cause: { message: expect.stringMatching(row.says) } });
      }
      expect(transport.stats()).toMatchObject({ inFlight: 0, queued: 0, streamsOpen: 0 });
    } finally {
      await transport.close({ timeoutMs: 0 });
      await row.cleanUp();
    }
  });
});

test("docs/http2-faults.md is this table", () => {
  const document = readFileSync(new URL("../../../docs/http2-faults.md", import.meta.url), "utf8");
  const [, rows = ""] = document.split("\n## With a connection\n");
  const lines = rows.split("\n").filter((line) => line.startsWith("| ") && !/^\| (fault|---)/.test(line));
  const expected = [
    ...faultRows.map(({ fault, moment, outcomes }) => `| ${fault} | ${moment} | ${shortened(outcomes)} |`),
    ...connectRows.map(({ fault, outcome }) => `| ${fault} | ${shortened([outcome])} |`),
  ];
  expect(lines).toEqual(expected);
});

/** Runs of the same outcome are counted. */
function shortened(outcomes: readonly string[]): string {
  const runs: { outcome: string; count: number }[] = [];
  for (const outcome of outcomes) {
    const last = runs.at(-1);
    if (last?.outcome === outcome) last.count++;
    else runs.push({ outcome, count: 1 });
  }
  return runs
    .map(({ outcome, count }) =>
      count > 3 ? `${count} × \`${outcome}\`` : Array(count).fill(`\`${outcome}\``).join(", "),
    )
    .join(", ");
}

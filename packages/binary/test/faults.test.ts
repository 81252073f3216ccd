// The fault table: what a gateway does × where in the batch × how its bytes are cut × how it closes, and the exact outcome
// of every notification. The outcome is worked out here from the rules of the protocol, not taken from the transport.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connectTo, hello, pair, sendTogether, short, tokenOf, tokens } from "./helpers.js";
import {
  answer,
  type Ending,
  faithful,
  type RawFrame,
  type RawGateway,
  sixBytes,
  startRawGateway,
} from "./raw-gateway.js";

const statusCodes = [1, 2, 3, 4, 5, 6, 7, 8, 128, 255, 99, 10];
const cuts: readonly (readonly number[])[] = [[6], [1, 1, 1, 1, 1, 1], [2, 4], [5, 1]];

/** The outcomes of `count` notifications if number `at` draws the status code on the first connection. */
function expected(count: number, at: number, statusCode: number): string[] {
  return Array.from({ length: count }, (_, index) => {
    if (index < at) return "accepted 1";
    if (index > at) return "accepted 2";
    return statusCode === 10 ? "accepted 1" : `rejected ${statusCode} 1`;
  });
}

describe("an error response for one of a batch", () => {
  let gateway: RawGateway;
  beforeAll(async () => {
    gateway = await startRawGateway({});
  });
  afterAll(() => gateway.close());

  const rows = [1, 50].flatMap((count) =>
    (count === 1 ? [0] : [0, 24, 49]).flatMap((at) =>
      statusCodes.flatMap((statusCode) =>
        (["fin", "rst"] as const).map((ending) => ({ count, at, statusCode, ending })),
      ),
    ),
  );

  test.each(rows)(
    "status $statusCode for number $at of $count, then $ending",
    async ({ count, at, statusCode, ending }) => {
      for (const sizes of cuts) {
        const first = gateway.connections.length;
        const later = faithful();
        gateway.script = {
          frame: (frame, connection) => {
            if (connection.number > first) later.frame?.(frame, connection);
            else if (frame.index === at) void answer(connection, sixBytes(statusCode, frame.identifier), ending, sizes);
          },
        };
        const transport = await connectTo(gateway.port);
        expect(await sendTogether(transport, tokens(count))).toEqual(expected(count, at, statusCode));
        // What the gateway discarded came again, in order, and nothing else did.
        expect(later.accepted.map(({ token }) => token)).toEqual(tokens(count).slice(at + 1));
        expect(gateway.connections[first]?.frames.map(({ identifier }) => identifier)).toEqual(
          Array.from({ length: at + 1 }, (_, index) => index + 1),
        );
        expect(transport.stats()).toMatchObject({ inFlight: 0, queued: 0, errorResponses: 1, resent: count - at - 1 });
        await transport.close();
      }
    },
  );
});

describe("with 50,000 in flight", () => {
  const count = 50_000;

  test.each(
    [0, 25_000, count - 1].flatMap((at) =>
      (["fin", "rst"] as const).flatMap((ending) => [8, 10].map((statusCode) => ({ at, ending, statusCode }))),
    ),
  )("status $statusCode for number $at, then $ending: every outcome is exact", async ({ at, ending, statusCode }) => {
    const later = faithful();
    const { transport } = await pair(
      {
        frame: (frame, connection) => {
          if (connection.number > 0) later.frame?.(frame, connection);
          else if (frame.index === at) void answer(connection, sixBytes(statusCode, frame.identifier), ending);
        },
      },
      { reconnectEvery: 100_000 },
    );
    const outcomes = await sendTogether(transport, tokens(count));
    // What was not written yet when the answer came is written once, the rest twice; where the line is, the network decides.
    const written = outcomes.lastIndexOf("accepted 2");
    const wanted = expected(count, at, statusCode).map((outcome, index) =>
      index > at && index > written ? "accepted 1" : outcome,
    );
    expect(firstDifference(outcomes, wanted)).toBeUndefined();
    expect(
      firstDifference(
        later.accepted.map(({ token }) => token),
        tokens(count).slice(at + 1),
      ),
    ).toBeUndefined();
  });

  test.each(["fin", "rst"] as const)(
    "a bare close, %s: what was written is unconfirmed, the rest accepted",
    async (ending) => {
      const later = faithful();
      const { transport } = await pair(
        {
          frame: (frame, connection) => {
            if (connection.number > 0) later.frame?.(frame, connection);
            else if (frame.index === 20_000) void answer(connection, "", ending);
          },
        },
        { reconnectEvery: 100_000 },
      );
      const outcomes = await sendTogether(transport, tokens(count));
      const written = outcomes.indexOf("accepted 1") === -1 ? count : outcomes.indexOf("accepted 1");
      expect(written).toBeGreaterThan(20_000);
      const wanted = outcomes.map((_, index) => (index < written ? "unconfirmed CONNECTION_LOST 1" : "accepted 1"));
      expect(firstDifference(outcomes, wanted)).toBeUndefined();
      expect(
        firstDifference(
          later.accepted.map(({ token }) => token),
          tokens(count).slice(written),
        ),
      ).toBeUndefined();
    },
  );
});

/** Where two long lists differ first, instead of a message of 50,000 lines. */
function firstDifference(actual: readonly string[], wanted: readonly string[]): string | undefined {
  if (actual.length !== wanted.length) return `${actual.length} instead of ${wanted.length}`;
  const index = actual.findIndex((value, position) => value !== wanted[position]);
  return index === -1 ? undefined : `${index}: ${actual[index]} instead of ${wanted[index]}`;
}

describe("an answer that names nothing, or no answer at all, for 50 with the close in the middle", () => {
  const rows: [string, (frame: RawFrame) => string, string][] = [
    ["no bytes", () => "", "CONNECTION_LOST"],
    ["one byte", () => "08", "CONNECTION_LOST"],
    ["five bytes", () => "0808000000", "CONNECTION_LOST"],
    ["identifier 0", () => sixBytes(8, 0), "PROTOCOL"],
    ["identifier 0 and status 2, without a barrier", () => sixBytes(2, 0), "PROTOCOL"],
    ["an identifier never sent", () => sixBytes(8, 4711), "PROTOCOL"],
    ["a shutdown that names none", () => sixBytes(10, 0), "PROTOCOL"],
    ["status 0", ({ identifier }) => sixBytes(0, identifier), "PROTOCOL"],
    ["another command", ({ identifier }) => `48${sixBytes(8, identifier).slice(2)}`, "PROTOCOL"],
  ];
  const endings: Ending[] = ["fin", "rst"];

  test.each(rows.flatMap((row) => endings.map((ending) => [row[0], ending, row] as const)))(
    "%s, then %s: unconfirmed, or sent again if asked for",
    async (_, ending, [, bytes, code]) => {
      for (const resendUnconfirmed of [false, true]) {
        const later = faithful();
        // No flush: "status 2, identifier 0" is something else once a barrier is on its way.
        const { transport } = await pair(
          {
            frame: (frame, connection) => {
              if (connection.number > 0) later.frame?.(frame, connection);
              else if (frame.index === 25) void answer(connection, bytes(frame), ending);
            },
          },
          { resendUnconfirmed },
        );
        const sends = tokens(50).map((deviceToken) => transport.send(hello, deviceToken));
        if (!resendUnconfirmed) {
          const outcomes = (await Promise.all(sends)).map(short);
          expect(outcomes).toEqual(Array(50).fill(`unconfirmed ${code} 1`));
          expect(later.accepted).toEqual([]);
        } else {
          while (later.accepted.length < 50) await new Promise((resolve) => setTimeout(resolve, 5));
          await transport.flush();
          expect((await Promise.all(sends)).map(short)).toEqual(Array(50).fill("accepted 2"));
          expect(later.accepted.map(({ token }) => token)).toEqual(tokens(50));
        }
        await transport.close();
      }
    },
  );
});

describe("the barrier behind 50", () => {
  const rows: [string, (barrier: RawFrame) => string, string][] = [
    ["its echo", ({ identifier }) => sixBytes(2, identifier), "accepted 1"],
    ["its echo with the wrong status", ({ identifier }) => sixBytes(8, identifier), "accepted 1"],
    ["its echo with a shutdown", ({ identifier }) => sixBytes(10, identifier), "accepted 1"],
    ["status 2 and identifier 0, as some gateways did", () => sixBytes(2, 0), "accepted 1"],
    ["status 5 and identifier 0", () => sixBytes(5, 0), "unconfirmed PROTOCOL 1"],
    ["an identifier never sent", () => sixBytes(2, 4711), "unconfirmed PROTOCOL 1"],
    ["another command", ({ identifier }) => `01${sixBytes(2, identifier).slice(2)}`, "unconfirmed PROTOCOL 1"],
    ["a bare close", () => "", "unconfirmed CONNECTION_LOST 1"],
    ["three bytes", () => "080200", "unconfirmed CONNECTION_LOST 1"],
  ];

  test.each(
    rows.flatMap(([name, bytes, outcome]) =>
      (["fin", "rst"] as const).map((ending) => ({ name, bytes, outcome, ending })),
    ),
  )("answered by $name, then $ending: $outcome", async ({ bytes, outcome, ending }) => {
    for (const sizes of cuts) {
      const { transport } = await pair({
        frame: (frame, connection) => {
          if (frame.token === "") void answer(connection, bytes(frame), ending, sizes);
        },
      });
      expect(await sendTogether(transport, tokens(50))).toEqual(Array(50).fill(outcome));
      await transport.close();
    }
  });

  test.each(["simple", "enhanced", "framed"] as const)("works in format %s", async (format) => {
    const script = faithful();
    const { transport, gateway } = await pair(script, { format });
    expect(await sendTogether(transport, tokens(3))).toEqual(Array(3).fill("accepted 1"));
    const frames = gateway.connections[0]?.frames ?? [];
    const command = { simple: 0, enhanced: 1, framed: 2 }[format];
    expect(frames.map((frame) => frame.command)).toEqual([command, command, command, command || 1]);
    expect(frames.at(-1)).toMatchObject({ token: "", payload: "", identifier: 4, expiry: 0 });
  });

  test("in format simple, a gateway that drops the connection leaves all unconfirmed", async () => {
    const { transport } = await pair(
      {
        frame: (frame, connection) => {
          if (frame.token === tokenOf(3)) void answer(connection, "", "fin");
        },
      },
      { format: "simple" },
    );
    expect(await sendTogether(transport, tokens(5))).toEqual(Array(5).fill("unconfirmed CONNECTION_LOST 1"));
  });

  test("is not answered: unconfirmed after barrierTimeoutMs, and told", async () => {
    const endings: string[] = [];
    const { transport } = await pair(
      {},
      { barrierTimeoutMs: 60, onConnectionEnded: ({ ending, unknown }) => void endings.push(`${ending} ${unknown}`) },
    );
    expect(await sendTogether(transport, tokens(50))).toEqual(Array(50).fill("unconfirmed SILENCE 1"));
    expect(endings).toEqual(["unanswered 50"]);
    expect(transport.stats()).toMatchObject({ barriersUnanswered: 1, barriersAnswered: 0, unconfirmed: 50 });
  });
});

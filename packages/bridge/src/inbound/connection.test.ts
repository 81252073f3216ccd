// One connection: frames in, verdicts in any order, one ending. The socket and upstream are stand-ins.
import { EventEmitter } from "node:events";
import type { TLSSocket } from "node:tls";
import { encodeFrame } from "@apns/binary/wire";
import { everySplit } from "@apns/testkit";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Delivery, Prepared } from "../upstream/delivery.ts";
import { acceptedVerdict, closedVerdict, refusedVerdict, shutdownVerdict, type Verdict } from "../upstream/verdict.ts";
import { type ConnectionOptions, GatewayConnection } from "./connection.ts";
import type { Ending } from "./verdict-order.ts";

const prepared = { digest: () => "" } as unknown as Prepared;

/** As much of a socket as a connection uses. */
class StubSocket extends EventEmitter {
  readonly writable = false;
  readonly destroyed = true;
  paused = false;
  resumes = 0;

  isPaused(): boolean {
    return this.paused;
  }
  pause(): void {
    this.paused = true;
  }
  resume(): void {
    if (this.paused) this.resumes++;
    this.paused = false;
  }
  setTimeout(): void {}
}

/** A connection, and everything around it in memory. */
class Around {
  readonly socket = new StubSocket();
  readonly connection: GatewayConnection;
  readonly deliveries: Delivery[] = [];
  readonly discardedIds: number[] = [];
  readonly endings: Ending[] = [];
  permits = Number.POSITIVE_INFINITY;
  /** Verdicts on frames by their form, by identifier. */
  readonly byForm = new Map<number, Verdict>();
  judgeProblem: () => Verdict = () => refusedVerdict(1);

  constructor(options: Partial<ConnectionOptions> = {}) {
    const route = {
      origin: { sender: "s", connection: 1, address: "" },
      sender: {
        name: "s",
        app: "a",
        permits: { acquire: () => this.permits-- > 0, release: () => {} },
        resends: {
          size: 0,
          take: () => undefined,
          remember: (delivery: Delivery) => void this.discardedIds.push(delivery.identifier!),
        },
      },
      app: {
        translate: ({ identifier }: { identifier: number | undefined }) =>
          this.byForm.get(identifier ?? -1) ?? prepared,
        judgeProblem: () => this.judgeProblem(),
        submit: (delivery: Delivery) => void this.deliveries.push(delivery),
        countSuppressed: () => {},
        senderLeft: () => {},
      },
      traffic: {
        frames: [0, 0, 0] as [number, number, number],
        errorResponses: 0,
        delivered: 0,
        held: 0,
        refused: 0,
        unconfirmedRetries: 0,
        unconfirmedAccepted: 0,
      },
    };
    const limits = { window: 1000, errorLingerMs: 0, idleTimeoutMs: 1 };
    this.connection = new GatewayConnection(
      this.socket as unknown as TLSSocket,
      route,
      { ...limits, passOverSimple: false, holdsLeft: false, frames: {}, ...options },
      { onTraffic: () => {}, onEnding: (_, ending) => void this.endings.push(ending), onClosed: () => {} },
    );
  }

  receive(chunk: Uint8Array): void {
    this.socket.emit("data", Buffer.from(chunk));
  }
  endInput(): void {
    this.socket.emit("end");
  }
}

const frame = (identifier: number, command: 0 | 1 = 1): Uint8Array =>
  encodeFrame({
    command,
    deviceToken: new Uint8Array(32),
    payload: Buffer.from("{}"),
    ...(command === 1 ? { identifier } : {}),
  });
const frames = (count: number): Uint8Array =>
  Buffer.concat(Array.from({ length: count }, (_, index) => frame(index + 1)));

test("an error waits for everything before it, and then names the lowest failure only", () => {
  const around = new Around();
  around.receive(frames(5));
  const [one, two, three, four, five] = around.deliveries;
  four!.settle(refusedVerdict(8));
  expect(around.endings).toEqual([]);
  two!.settle(refusedVerdict(7));
  three!.settle(acceptedVerdict);
  five!.settle(acceptedVerdict);
  expect(around.endings).toEqual([]);
  // The sender is told of discarded frames by the ending, and can resend none before.
  expect(around.discardedIds).toEqual([]);
  one!.settle(acceptedVerdict);
  expect(around.endings).toEqual([{ kind: "errorResponse", statusCode: 7, identifier: 2 }]);
  expect(around.discardedIds).toEqual([3, 4, 5]);
});

test("after a failure nothing more is delivered, and the sender is kept from writing until the ending is known", () => {
  const around = new Around();
  around.receive(frames(2));
  around.deliveries[1]!.settle(refusedVerdict(8));
  around.receive(frame(3));
  expect(around.deliveries).toHaveLength(2);
  expect(around.socket.paused).toBe(true);
  around.deliveries[0]!.settle(acceptedVerdict);
  expect(around.endings).toHaveLength(1);
  expect(around.socket.paused).toBe(false);
});

test("while it drains, the sender is kept from writing", () => {
  const around = new Around();
  around.receive(frames(1));
  around.connection.drain();
  expect(around.socket.paused).toBe(true);
  around.deliveries[0]!.settle(acceptedVerdict);
  expect(around.socket.paused).toBe(false);
});

test("a frame refused by its form waits its turn as well", () => {
  const around = new Around();
  around.byForm.set(3, refusedVerdict(2));
  around.receive(frames(5));
  expect(around.deliveries).toHaveLength(2);
  around.deliveries[1]!.settle(acceptedVerdict);
  expect(around.endings).toEqual([]);
  around.deliveries[0]!.settle(acceptedVerdict);
  expect(around.endings).toEqual([{ kind: "errorResponse", statusCode: 2, identifier: 3 }]);
});

test("the window bounds what is undecided, counted from the oldest", () => {
  const around = new Around({ window: 2 });
  around.receive(frames(5));
  expect(around.deliveries).toHaveLength(2);
  expect(around.socket.paused).toBe(true);
  around.deliveries[1]!.settle(acceptedVerdict);
  expect(around.deliveries).toHaveLength(2);
  around.deliveries[0]!.settle(acceptedVerdict);
  expect(around.deliveries).toHaveLength(4);
  around.deliveries[2]!.settle(acceptedVerdict);
  expect(around.socket.resumes).toBe(0);
  around.deliveries[3]!.settle(acceptedVerdict);
  around.deliveries[4]!.settle(acceptedVerdict);
  expect(around.socket.resumes).toBe(1);
  around.endInput();
  expect(around.endings).toEqual([{ kind: "finished" }]);
});

test("without room it waits, and goes on when told", () => {
  const around = new Around();
  around.permits = 1;
  around.receive(frames(3));
  expect(around.deliveries).toHaveLength(1);
  expect(around.socket.paused).toBe(true);
  around.permits = 5;
  around.connection.resume();
  expect(around.deliveries).toHaveLength(3);
  expect(around.socket.resumes).toBe(1);
});

test("a sender that ends its side early is still served to the end", () => {
  const around = new Around({ window: 1 });
  around.receive(frames(3));
  around.endInput();
  expect(around.endings).toEqual([]);
  for (let index = 0; index < 3; index++) around.deliveries[index]!.settle(acceptedVerdict);
  expect(around.endings).toEqual([{ kind: "finished" }]);
});

test("draining names the last one accepted once all is decided", () => {
  const around = new Around();
  around.receive(frames(3));
  around.connection.drain();
  around.receive(frame(9));
  for (const delivery of around.deliveries) {
    expect(around.endings).toEqual([]);
    delivery.settle(acceptedVerdict);
  }
  expect(around.deliveries).toHaveLength(3);
  expect(around.endings).toEqual([{ kind: "errorResponse", statusCode: 10, identifier: 3 }]);
});

test("cutting a drain short counts what is undecided as not accepted", () => {
  const around = new Around();
  around.receive(frames(3));
  around.deliveries[0]!.settle(acceptedVerdict);
  around.deliveries[2]!.settle(acceptedVerdict);
  around.connection.drain();
  around.connection.cut();
  expect(around.endings).toEqual([{ kind: "errorResponse", statusCode: 10, identifier: 1 }]);
  expect(around.discardedIds).toEqual([2, 3]);
});

test("draining says nothing to a sender that sent nothing, or in the simple format", () => {
  const silent = new Around();
  silent.connection.drain();
  expect(silent.endings).toEqual([{ kind: "closed" }]);
  const simple = new Around();
  simple.receive(frame(0, 0));
  simple.deliveries[0]!.settle(acceptedVerdict);
  simple.connection.drain();
  expect(simple.endings).toEqual([{ kind: "closed" }]);
});

test("a shutdown verdict names the one before, and 0 before any", () => {
  const around = new Around();
  around.receive(frames(2));
  around.deliveries[0]!.settle(acceptedVerdict);
  around.deliveries[1]!.settle(shutdownVerdict);
  expect(around.endings).toEqual([{ kind: "errorResponse", statusCode: 10, identifier: 1 }]);
  const first = new Around();
  first.receive(frames(2));
  first.deliveries[0]!.settle(shutdownVerdict);
  expect(first.endings).toEqual([{ kind: "errorResponse", statusCode: 10, identifier: 0 }]);
});

test("a refused simple frame ends the connection without a byte, or is passed over", () => {
  const strict = new Around();
  strict.receive(frame(0, 0));
  strict.deliveries[0]!.settle(refusedVerdict(8));
  expect(strict.endings).toEqual([{ kind: "closed" }]);
  const lenient = new Around({ passOverSimple: true });
  lenient.receive(Buffer.concat([frame(0, 0), frame(0, 0)]));
  lenient.deliveries[0]!.settle(refusedVerdict(8));
  lenient.deliveries[1]!.settle(acceptedVerdict);
  lenient.endInput();
  expect(lenient.endings).toEqual([{ kind: "finished" }]);
});

test("bytes that are no frame are judged in their turn", () => {
  const around = new Around();
  around.receive(Buffer.concat([frame(1), Buffer.from("GET / HTTP/1.1\r\n")]));
  expect(around.endings).toEqual([]);
  around.deliveries[0]!.settle(acceptedVerdict);
  expect(around.endings).toEqual([{ kind: "errorResponse", statusCode: 1, identifier: 0 }]);
});

test.each([
  ["passed over", { passOverSimple: true }, refusedVerdict(7)],
  ["accepted by rule", {}, acceptedVerdict],
])("bytes behind which nothing can be read end the connection, even if %s", (_, options, verdict) => {
  const around = new Around(options);
  around.judgeProblem = () => verdict;
  const endless = Buffer.concat([Uint8Array.of(0, 0, 32), new Uint8Array(32), Uint8Array.of(0xff, 0xff)]);
  around.receive(Buffer.concat([frame(1), endless]));
  around.receive(frame(2));
  around.deliveries[0]!.settle(acceptedVerdict);
  expect(around.deliveries).toHaveLength(1);
  expect(around.endings).toEqual([{ kind: "closed" }]);
});

test("however the bytes are cut, the same is delivered", () => {
  for (const { name, chunks } of everySplit(frames(4))) {
    const around = new Around();
    for (const chunk of chunks) around.receive(chunk);
    expect(
      around.deliveries.map(({ identifier }) => identifier),
      name,
    ).toEqual([1, 2, 3, 4]);
  }
});

test("for any verdicts in any order: one ending, the lowest failure, nothing lost or delivered twice", () => {
  const verdicts = [
    acceptedVerdict,
    acceptedVerdict,
    acceptedVerdict,
    refusedVerdict(8),
    shutdownVerdict,
    closedVerdict,
  ];
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom(...verdicts), { minLength: 1, maxLength: 30 }),
      fc.integer({ min: 1, max: 31 }),
      fc.infiniteStream(fc.nat()),
      (given, window, random) => {
        const around = new Around({ window });
        around.receive(frames(given.length));
        around.endInput();
        const settled = new Set<Delivery>();
        for (;;) {
          const open = around.deliveries.filter((delivery) => !settled.has(delivery));
          if (open.length === 0) break;
          const next = open[random.next().value! % open.length]!;
          settled.add(next);
          next.settle(given[next.identifier! - 1]!);
        }
        const ids = around.deliveries.map(({ identifier }) => identifier!);
        expect(ids).toEqual(ids.map((_, index) => index + 1));
        const failed = given.findIndex(({ kind }) => kind !== "accepted");
        if (failed < 0) {
          expect(around.endings).toEqual([{ kind: "finished" }]);
          expect(ids).toHaveLength(given.length);
          return;
        }
        const verdict = given[failed]!;
        const expected =
          verdict.kind === "refused"
            ? { kind: "errorResponse", statusCode: 8, identifier: failed + 1 }
            : verdict.kind === "shutdown"
              ? { kind: "errorResponse", statusCode: 10, identifier: failed }
              : { kind: "closed" };
        expect(around.endings).toEqual([expected]);
        // Everything delivered behind the failure was handed over, once.
        expect([...around.discardedIds].sort((a, b) => a - b)).toEqual(ids.filter((id) => id > failed + 1));
      },
    ),
    { numRuns: 500 },
  );
});

import { afterEach, describe, expect, test, vi } from "vitest";
import type { ConnectionEvent, ConnectionListener } from "../connection-event.js";
import { InMemoryTransport } from "../in-memory-transport.js";
import { ConnectionListeners } from "../internal/connection-listeners.js";
import { alert } from "../push-types/alert.js";
import type { Transport } from "../transport.js";
import { observe } from "./observe.js";
import { splitTraffic } from "./split-traffic.js";

const hello = alert({ aps: { alert: "Hi" } });

/** A transport that tells of connections when the test says so. */
class Telling extends InMemoryTransport {
  readonly listeners = new ConnectionListeners();
  watchConnections(listener: ConnectionListener): () => void {
    return this.listeners.add(listener);
  }
}

afterEach(() => {
  vi.restoreAllMocks();
});

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("observe", () => {
  test("reports the start and the outcome of each send, with the context of the observer", async () => {
    const inner = new InMemoryTransport();
    inner.script("01", "Unregistered");
    const told: unknown[] = [];
    const transport = observe(inner, {
      started: ({ deviceToken, protocol, notification }) => {
        told.push(["started", deviceToken, protocol, notification === hello]);
        return `span of ${deviceToken}`;
      },
      settled: ({ deviceToken }, outcome, elapsedMs, context) =>
        void told.push(["settled", deviceToken, outcome.kind, elapsedMs >= 0 && elapsedMs < 60_000, context]),
    });
    const outcomes = [await transport.send(hello, "00"), await transport.send(hello, "01")];
    expect(outcomes.map(({ kind }) => kind)).toEqual(["accepted", "rejected"]);
    expect(told).toEqual([
      ["started", "00", "memory", true],
      ["settled", "00", "accepted", true, "span of 00"],
      ["started", "01", "memory", true],
      ["settled", "01", "rejected", true, "span of 01"],
    ]);
  });

  test("reports misuse, which also rejects the send", async () => {
    const told: unknown[] = [];
    const transport = observe(new InMemoryTransport(), {
      started: () => "context",
      refused: (_, error, context) => void told.push([(error as { code: string }).code, context]),
    });
    await expect(transport.send(hello, "xyz")).rejects.toMatchObject({ code: "ERR_APNS_INVALID_DEVICE_TOKEN" });
    expect(told).toEqual([["ERR_APNS_INVALID_DEVICE_TOKEN", "context"]]);
  });

  test("an observer that throws disturbs no send, and does not end the process: its errors are warnings", async () => {
    const warnings: string[] = [];
    vi.spyOn(process, "emitWarning").mockImplementation((message) => void warnings.push(String(message)));
    const fail = (what: string) => () => {
      throw new Error(what);
    };
    const inner = new Telling();
    const transport = observe(inner, {
      started: fail("started"),
      settled: fail("settled"),
      refused: fail("refused"),
      connection: fail("connection"),
    });
    expect(await transport.send(hello, "00")).toMatchObject({ kind: "accepted" });
    await expect(transport.send(hello, "xyz")).rejects.toMatchObject({ code: "ERR_APNS_INVALID_DEVICE_TOKEN" });
    inner.listeners.emit({ type: "opened", connection: 1, endpoint: "localhost:1" });
    await turn();
    expect(warnings).toEqual([
      "observer.started threw an error: started",
      "observer.settled threw an error: settled",
      "observer.refused threw an error: refused",
      "observer.connection threw an error: connection",
    ]);
  });

  test("reports connections, also through other wrappers and after close", async () => {
    const inner = new Telling();
    const other = new Telling();
    const told: [ConnectionEvent["type"], number, string][] = [];
    const transport: Transport = observe(splitTraffic({ from: inner, to: other, share: 0.5 }), {
      connection: ({ type, connection }, protocol) => void told.push([type, connection, protocol]),
    });
    inner.listeners.emit({ type: "opened", connection: 1, endpoint: "localhost:1" });
    other.listeners.emit({ type: "closed", connection: 7, endpoint: "localhost:1" });
    await turn();
    await transport.close();
    inner.listeners.emit({ type: "closed", connection: 1, endpoint: "localhost:1" });
    await turn();
    expect(told).toEqual([
      ["opened", 1, "split"],
      ["closed", 7, "split"],
      ["closed", 1, "split"],
    ]);
  });

  test("has exactly the optional members that the transport has", async () => {
    const plain = observe(new InMemoryTransport(), {});
    expect([plain.protocol, plain.concurrency, plain.flush, plain.watchConnections]).toEqual([
      "memory",
      undefined,
      undefined,
      undefined,
    ]);
    let flushed = 0;
    const able = Object.assign(new Telling(), { concurrency: 7, flush: async () => void flushed++ });
    const transport = observe(able, {});
    await transport.flush?.();
    expect([transport.concurrency, flushed, typeof transport.watchConnections]).toEqual([7, 1, "function"]);
  });
});

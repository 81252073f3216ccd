// An error in a listener of one sender's socket ends that connection, and nothing else.
import { type ConnectionOptions, connect, type TLSSocket } from "node:tls";
import { systemClock } from "@apns/core";
import { testIdentities } from "@apns/testkit";
import { expect, it, onTestFinished } from "vitest";
import { Listener } from "../src/accept/listener.ts";
import { resolveTls } from "../src/accept/tls.ts";
import { apple, bridgeFor, connectTo, frame, refusal, tokenOf, transportTo, until } from "./support.ts";

/** A connection that may end before its handshake does. */
function strangerAt(port: number, options: ConnectionOptions = {}): TLSSocket {
  const socket = connect({ port, host: "127.0.0.1", rejectUnauthorized: false, ...options });
  socket.on("error", () => {});
  return socket.resume();
}

const gone = (socket: TLSSocket): Promise<void> => new Promise((resolve) => void socket.once("close", () => resolve()));

it("a connection whose handling throws is ended and told of; those beside it and after it are served", async () => {
  const simulator = await apple({ unknownDeviceTokens: "accept" });
  const { client } = await testIdentities();
  let faulty = false;
  const clock = {
    now: () => {
      if (faulty) throw new Error("a clock that stands");
      return systemClock.now();
    },
  };
  const { bridge, logged } = await bridgeFor({ transport: transportTo(simulator) }, { clock });
  const [port] = bridge.ports.gateway;
  const beside = await connectTo(port!);
  // The bridge knows it: what follows is about its next one.
  await until(() => bridge.stats().gatewayConnections === 1);

  faulty = true;
  // The handshake ends, then the bridge looks at its clock: in the listener of `secureConnection`.
  await gone(strangerAt(port!, client));
  // Likewise when bytes come, in that of `data`.
  beside.write(frame({ token: tokenOf(1) }));
  expect(await beside.ended).toBe("");
  faulty = false;

  expect(logged.filter(({ level }) => level === "error")).toEqual(
    [1, 2].map(() => ({
      level: "error",
      message: "A connection was ended by an error in the bridge; please report it.",
      fields: {
        listener: "gateway",
        address: "127.0.0.1",
        error: "a clock that stands",
        stack: expect.stringContaining("a clock that stands"),
      },
    })),
  );
  const next = await connectTo(port!);
  next.write(frame({ token: tokenOf(2) }));
  expect(await next.finish()).toBe("");
  expect([...simulator.received].map(({ deviceToken }) => deviceToken)).toContain(tokenOf(2));
});

it("a handshake whose failure cannot be told ends that connection alone", async () => {
  const simulator = await apple({ unknownDeviceTokens: "accept" });
  const nothing = (): void => {};
  const warn = (): void => {
    throw new Error("the disk is full");
  };
  const log = { debug: nothing, info: nothing, warn, error: nothing };
  const { bridge } = await bridgeFor({ transport: transportTo(simulator) }, { log });
  const [port] = bridge.ports.gateway;
  await gone(strangerAt(port!, { minVersion: "TLSv1.1", maxVersion: "TLSv1.1", ciphers: "DEFAULT:@SECLEVEL=0" }));
  const next = await connectTo(port!);
  next.write(frame({ token: tokenOf(2) }));
  expect(await next.finish()).toBe("");
  expect(simulator.stats().http2.accepted).toBe(1);
});

it("an error behind the refusal of a sender ends that connection alone", async () => {
  const { server, ca } = await testIdentities();
  const faults: string[] = [];
  const listener = await Listener.open(
    {
      name: "gateway",
      host: "127.0.0.1",
      port: 0,
      tls: resolveTls("tls", { ...server, clientCa: ca }),
      handshakeTimeoutMs: 10_000,
      readCertificate: undefined,
    },
    {
      mayConnect: () => true,
      onPeer: (socket, _, refusing) => {
        refusing.refuse(socket);
        throw new Error("too late");
      },
      onHandshakeFailed: () => {},
      onDamagedCertificate: () => {},
      onAcceptFailed: () => {},
      onFault: (_, { message }) => void faults.push(message),
    },
    undefined,
  );
  onTestFinished(() => listener.close());
  for (let count = 1; count <= 3; count++) {
    expect(await refusal(listener.port)).toMatch(/ECONNRESET|ERR_SSL/);
    expect(faults).toEqual(Array(count).fill("too late"));
  }
});

// A bridge between raw legacy senders and a simulator: nothing of the bridge's own on either side of it.
import { once } from "node:events";
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from "node:tls";
import { Http2Transport, type Http2TransportOptions } from "@apns/http2";
import { type Simulator, type SimulatorOptions, startSimulator } from "@apns/simulator";
import { testIdentities } from "@apns/testkit";
import { onTestFinished } from "vitest";
import {
  type AppOptions,
  type AuditedRejection,
  type Bridge,
  type BridgeOptions,
  memoryFeedbackStore,
  startBridge,
} from "../src/index.ts";

export const topic = "com.example.App";

/** Apple's HTTP/2 side, closed when the test ends. */
export async function apple(options: SimulatorOptions = {}): Promise<Simulator> {
  const simulator = await startSimulator({ bundleId: topic, ...options });
  onTestFinished(() => simulator.close());
  return simulator;
}

/** The way to it. */
export function transportTo(simulator: Simulator, options: Partial<Http2TransportOptions> = {}): Http2Transport {
  const { signingKey: key, keyId, teamId } = simulator.credentials;
  const transport = new Http2Transport({
    environment: simulator.http2,
    auth: { type: "token", key, keyId, teamId },
    maxConnections: 1,
    ...options,
  });
  onTestFinished(() => transport.close({ timeoutMs: 0 }));
  return transport;
}

export interface TestBridge {
  readonly bridge: Bridge;
  readonly rejections: AuditedRejection[];
  readonly logged: { readonly level: string; readonly message: string; readonly fields: object }[];
  readonly options: BridgeOptions;
}

/** A bridge for one app, with whatever is different. */
export async function bridgeFor(
  app: Partial<AppOptions> & Pick<AppOptions, "transport">,
  options: Partial<BridgeOptions> = {},
): Promise<TestBridge> {
  const { ca, server } = await testIdentities();
  const rejections: AuditedRejection[] = [];
  const logged: TestBridge["logged"] = [];
  const log = (level: string) => (fields: object, message: string) => void logged.push({ level, message, fields });
  const complete: BridgeOptions = {
    gateway: { host: "127.0.0.1", port: 0 },
    feedback: { host: "127.0.0.1", port: 0 },
    tls: { ...server, clientCa: ca },
    apps: [{ name: "app", topic, ...app }],
    senders: [{ name: "old", app: "app", match: { uid: topic } }],
    feedbackStore: memoryFeedbackStore(),
    errorLingerMs: 50,
    log: { debug: log("debug"), info: log("info"), warn: log("warn"), error: log("error") },
    onRejected: (rejection) => void rejections.push(rejection),
    ...options,
  };
  const bridge = await startBridge(complete);
  onTestFinished(() => bridge.close({ timeoutMs: 0 }));
  return { bridge, rejections, logged, options: complete };
}

/** A device token that tells its number. */
export const tokenOf = (index: number): string => (index + 1).toString(16).padStart(64, "0");

export interface FrameParts {
  readonly command?: 0 | 1 | 2;
  readonly identifier?: number;
  readonly expiry?: number;
  readonly token?: string;
  readonly payload?: string;
  readonly priority?: number;
}

const u16 = (value: number): Buffer => Buffer.from([value >> 8, value & 0xff]);
const u32 = (value: number): Buffer =>
  Buffer.from([value >>> 24, (value >> 16) & 0xff, (value >> 8) & 0xff, value & 0xff]);

/** A frame, put together by hand. */
export function frame(parts: FrameParts = {}): Buffer {
  const { command = 1, identifier = 1, expiry = 0x7f00_0000, priority = 10 } = parts;
  const token = Buffer.from(parts.token ?? tokenOf(0), "hex");
  const payload = Buffer.from(parts.payload ?? '{"aps":{"alert":"Hi"}}');
  const body = [u16(token.length), token, u16(payload.length), payload];
  if (command === 0) return Buffer.concat([Buffer.of(0), ...body]);
  if (command === 1) return Buffer.concat([Buffer.of(1), u32(identifier), u32(expiry), ...body]);
  const item = (id: number, data: Buffer): Buffer[] => [Buffer.of(id), u16(data.length), data];
  const items = Buffer.concat([
    ...item(1, token),
    ...item(2, payload),
    ...item(3, u32(identifier)),
    ...item(4, u32(expiry)),
    ...item(5, Buffer.of(priority)),
  ]);
  return Buffer.concat([Buffer.of(2), u32(items.length), items]);
}

/** A raw TLS connection of a legacy sender. */
export class LegacySender {
  readonly socket: TLSSocket;
  readonly #chunks: Buffer[] = [];
  /** What was read in all, as hex, when the other side has ended, in whatever way. */
  readonly ended: Promise<string>;

  constructor(socket: TLSSocket) {
    this.socket = socket;
    socket.on("data", (chunk: Buffer) => void this.#chunks.push(chunk));
    socket.on("error", () => {});
    this.ended = new Promise((resolve) => {
      const done = () => resolve(this.hex);
      socket.once("end", done);
      socket.once("close", done);
    });
  }

  get hex(): string {
    return Buffer.concat(this.#chunks).toString("hex");
  }

  write(...bytes: readonly Buffer[]): void {
    this.socket.write(Buffer.concat(bytes));
  }

  /** Ends its side and resolves with all that was read. */
  async finish(): Promise<string> {
    this.socket.end();
    return this.ended;
  }
}

export async function connectTo(port: number, options: ConnectionOptions = {}): Promise<LegacySender> {
  const { ca, client } = await testIdentities();
  const socket = connectTls({
    host: "127.0.0.1",
    port,
    servername: "localhost",
    ca,
    ...client,
    allowHalfOpen: true,
    ...options,
  } as ConnectionOptions);
  onTestFinished(() => void socket.destroy());
  const sender = new LegacySender(socket);
  await once(socket, "secureConnect");
  return sender;
}

/** The code of the error that ends the handshake of a sender. */
export async function refusal(port: number, options: ConnectionOptions = {}): Promise<string | undefined> {
  const { ca, client } = await testIdentities();
  const socket = connectTls({ host: "127.0.0.1", port, servername: "localhost", ca, ...client, ...options });
  onTestFinished(() => void socket.destroy());
  return new Promise((resolve) => {
    socket.once("error", ({ code }: NodeJS.ErrnoException) => resolve(code));
    socket.once("secureConnect", () => resolve(undefined));
  });
}

/** Waits until something is so; the deadline is the test's own. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}

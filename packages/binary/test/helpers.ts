import { alert, type Notification, type Outcome } from "@apns/core";
import { testIdentities } from "@apns/testkit";
import { onTestFinished } from "vitest";
import { BinaryTransport, type BinaryTransportOptions } from "../src/index.js";
import { type RawGateway, type Script, startRawGateway } from "./raw-gateway.js";

export const hello: Notification = alert({ aps: { alert: "Hi" } });

/** The device token of notification number `index`. */
export function tokenOf(index: number): string {
  return index.toString(16).padStart(64, "0");
}

export function tokens(count: number): string[] {
  return Array.from({ length: count }, (_, index) => tokenOf(index));
}

/** A transport to the test's gateway; both are closed with the test. */
export async function connectTo(port: number, options: Partial<BinaryTransportOptions> = {}): Promise<BinaryTransport> {
  const { ca, client } = await testIdentities();
  const transport = new BinaryTransport({
    environment: { host: "127.0.0.1", port, ca },
    auth: { type: "certificate", ...client },
    settleAfterConnectMs: 0,
    ...options,
  });
  onTestFinished(() => transport.close({ timeoutMs: 0 }));
  return transport;
}

export async function pair(
  script: Script,
  options: Partial<BinaryTransportOptions> = {},
): Promise<{ gateway: RawGateway; transport: BinaryTransport }> {
  const gateway = await startRawGateway(script);
  onTestFinished(() => gateway.close());
  return { gateway, transport: await connectTo(gateway.port, options) };
}

/** An outcome in short form: kind, status code or cause, attempts. */
export function short(outcome: Outcome): string {
  if (outcome.kind === "accepted") return `accepted ${outcome.attempts}`;
  if (outcome.kind === "rejected") return `rejected ${outcome.statusCode} ${outcome.attempts}`;
  return `${outcome.kind} ${outcome.cause.code.replace("ERR_APNS_", "")} ${outcome.attempts}`;
}

/** Sends to all device tokens at once, flushes, and returns the outcomes in short form. */
export async function sendTogether(transport: BinaryTransport, deviceTokens: readonly string[]): Promise<string[]> {
  const sends = deviceTokens.map((deviceToken) => transport.send(hello, deviceToken));
  const flushed = transport.flush();
  const outcomes = await Promise.all(sends);
  await flushed;
  return outcomes.map(short);
}

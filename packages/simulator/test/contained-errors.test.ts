// An error in a listener of one peer's socket, or in a function that the simulator was given and calls there, ends that
// connection, and nothing else.
import { once } from "node:events";
import { connect as connectTls } from "node:tls";
import { BinaryTransport } from "@apns/binary";
import { notification } from "@apns/core";
import { Http2Transport } from "@apns/http2";
import { expect, it, onTestFinished } from "vitest";
import { startSimulator } from "../src/index.ts";

it("a verdict that throws ends the connection it was asked on, over both wires, with a warning", async () => {
  const warnings: Error[] = [];
  const onWarning = (warning: Error): void => void warnings.push(warning);
  process.on("warning", onWarning);
  onTestFinished(() => void process.off("warning", onWarning));
  let faulty = true;
  const apple = await startSimulator({
    unknownDeviceTokens: "accept",
    verdict: (_, faithful) => {
      if (faulty) throw new Error("a verdict with a fault");
      return faithful();
    },
  });
  onTestFinished(() => apple.close());
  const { signingKey: key, keyId, teamId, tls, topic, ca } = apple.credentials;
  const good = notification({ topic, pushType: "alert", payload: { aps: { alert: "Hi" } } });
  const http2 = new Http2Transport({ environment: apple.http2, auth: { type: "token", key, keyId, teamId } });
  onTestFinished(() => http2.close({ timeoutMs: 0 }));
  expect(await http2.send(good, "00ff", { timeoutMs: 5_000 })).toMatchObject({ kind: "unconfirmed" });

  const raw = connectTls({ host: "127.0.0.1", port: apple.gateway.port, servername: "localhost", ca, ...tls });
  raw.on("error", () => {});
  raw.resume();
  raw.write(Buffer.concat([Buffer.from("000002", "hex"), Buffer.from("00ff", "hex"), Buffer.from("00027b7d", "hex")]));
  await once(raw, "close");

  // Warnings are told in the next turn.
  await new Promise((resolve) => setImmediate(resolve));
  expect(warnings.length).toBeGreaterThanOrEqual(2);
  for (const warning of warnings) {
    expect(warning).toMatchObject({
      code: "APNS_SIMULATOR_CONNECTION",
      message: "A connection to the simulator was ended by an error: a verdict with a fault",
    });
  }

  faulty = false;
  expect(await http2.send(good, "00ff")).toMatchObject({ kind: "accepted" });
  const binary = new BinaryTransport({ environment: apple.gateway, auth: { type: "certificate", ...tls } });
  onTestFinished(() => binary.close({ timeoutMs: 0 }));
  expect(await binary.send(good, "00ff".repeat(16))).toMatchObject({ kind: "accepted" });
});

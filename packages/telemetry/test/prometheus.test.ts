import { alert, observe, sendAll } from "@apns/core";
import { Http2Transport } from "@apns/http2";
import { startSimulator } from "@apns/simulator";
import { expect, onTestFinished, test, vi } from "vitest";
import { prometheusMetrics } from "../src/prometheus.js";

test("gives the figures of a real transport in the text format of Prometheus", async () => {
  const apple = await startSimulator();
  onTestFinished(() => apple.close());
  const metrics = prometheusMetrics();
  onTestFinished(() => metrics.close());
  const { signingKey: key, keyId, teamId, topic } = apple.credentials;
  const inner = new Http2Transport({ environment: apple.http2, auth: { type: "token", key, keyId, teamId }, topic });
  const transport = observe(inner, metrics.observer);
  const deviceTokens = Array.from({ length: 20 }, (_, index) => index.toString(16).padStart(64, "0"));
  apple.world.register(deviceTokens.slice(0, 17));
  await sendAll(transport, { notification: alert({ aps: { alert: "Hi" } }), deviceTokens }).summary();

  expect(metrics.contentType).toMatch(/^text\/plain/);
  const open = await metrics.text();
  const value = (text: string, series: RegExp): number => Number(new RegExp(`${series.source} (\\S+)`).exec(text)?.[1]);
  expect(value(open, /apns_send_duration_count\{[^}]*apns_outcome="accepted"[^}]*\}/)).toBe(17);
  expect(value(open, /apns_send_duration_count\{[^}]*apns_reason="BadDeviceToken"[^}]*\}/)).toBe(3);
  expect(value(open, /apns_send_in_flight\{[^}]*\}/)).toBe(0);
  expect(value(open, /apns_send_attempts_total\{[^}]*\}/)).toBe(20);
  expect(value(open, /apns_connection_open\{[^}]*\}/)).toBeGreaterThan(0);

  // The last connections are told of once their sockets are closed, which is after `close`.
  await transport.close();
  await vi.waitUntil(async () => value(await metrics.text(), /apns_connection_open\{[^}]*\}/) === 0, {
    timeout: 20_000,
  });
});

import { connect } from "node:net";
import { startSimulator } from "@apns/simulator";
import { startControl } from "@apns/simulator/control";
import { closed } from "../closed.js";
import { mutateJson } from "../inputs/mutate-json.js";
import { mutateText } from "../inputs/mutate-text.js";
import type { Random } from "../inputs/random.js";
import { must } from "../must.js";
import type { OpenTarget, Target } from "../target.js";

const deviceToken = "ab".repeat(32);

const request = (method: string, path: string, body: string): string =>
  `${method} ${path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;

const requests: readonly (readonly [method: string, path: string, body: unknown])[] = [
  ["GET", "/v1/endpoints", undefined],
  ["GET", "/openapi.json", undefined],
  ["POST", "/v1/apps", { bundleId: "com.example.Other", teamId: "TEAM123456", broadcast: true }],
  ["POST", "/v1/keys", { keyId: "MADE000000", topics: ["com.example.App"], key: "-----BEGIN PUBLIC KEY-----" }],
  ["DELETE", "/v1/keys/MADE000000", undefined],
  [
    "POST",
    "/v1/certificates",
    { bundleId: "com.example.App", environments: ["production"], notAfter: 2_000_000_000_000 },
  ],
  ["POST", "/v1/device-tokens", { deviceTokens: [deviceToken], topic: "com.example.App", environment: "production" }],
  ["POST", "/v1/device-tokens/unregister", { deviceTokens: [deviceToken], at: 1_700_000_000_000 }],
  ["GET", `/v1/device-tokens/${deviceToken}`, undefined],
  ["DELETE", `/v1/device-tokens/${deviceToken}`, undefined],
  ["GET", "/v1/feedback?bundleId=com.example.App", undefined],
  ["POST", "/v1/channels", { messageStorage: "none" }],
  ["DELETE", "/v1/channels?channelId=AAAA", undefined],
  [
    "POST",
    "/v1/faults",
    { type: "reject", reason: "BadDeviceToken", share: 0.5, times: 3, on: { deviceToken: "ab*" } },
  ],
  ["POST", "/v1/faults", { type: "cut", how: "rst" }],
  ["PATCH", "/v1/quirks", { errorContentType: true, initialStreams: 1 }],
  ["GET", "/v1/received?wire=http2&limit=10", undefined],
  ["POST", "/v1/gateway/shutdown", undefined],
  ["POST", "/v1/reset", undefined],
];

const words = [
  "GET ",
  "POST ",
  "/v1/",
  "..",
  "%2e",
  "?a=b&a=c",
  "content-length: 5\r\n",
  "transfer-encoding: chunked\r\n",
];

function change(seed: Uint8Array, random: Random): Uint8Array {
  const text = Buffer.from(seed).toString();
  if (random.oneIn(4)) return Buffer.from(mutateText(text, words, random));
  const [method, path, body] = random.pick(requests);
  const changedPath = random.oneIn(3) ? mutateText(path, [deviceToken, "x".repeat(300)], random) : path;
  const names = ["bundleId", "type", "share", "deviceTokens", "key", "how", "on"];
  const changedBody = mutateJson(JSON.stringify(body ?? {}), names, random);
  return Buffer.from(request(method, changedPath.replaceAll(/[\s\0]/g, "+"), changedBody));
}

async function open(): Promise<OpenTarget> {
  const apple = await startSimulator();
  const control = await startControl(apple);
  return {
    seeds: requests.map(([method, path, body]) =>
      Buffer.from(request(method, path, body === undefined ? "" : JSON.stringify(body))),
    ),
    mutate: change,
    run: async (input) => {
      apple.reset();
      const socket = connect({ host: control.host, port: control.port });
      const said: Buffer[] = [];
      socket.on("data", (chunk: Buffer) => void said.push(chunk));
      socket.end(input);
      await closed(socket);
      const answer = Buffer.concat(said).toString("latin1");
      for (const [, status] of answer.matchAll(/^HTTP\/1\.1 (\d{3})/gm)) {
        must(Number(status) < 500, `no request is answered by ${status}`, answer.slice(0, 600));
      }
    },
    close: async () => {
      await control.close();
      await apple.close();
    },
  };
}

export const control: Target = {
  name: "control",
  summary: "HTTP requests, to the control API of a simulator",
  maxInputBytes: 65_536,
  maxMs: 8000,
  testInputs: 150,
  open,
};

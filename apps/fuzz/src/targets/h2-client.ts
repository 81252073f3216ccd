import { ClientConnection } from "@apns/h2";
import { cut } from "../inputs/cut.js";
import { must, mustBeSame } from "../must.js";
import type { Target } from "../target.js";
import { mutateFrames, serverSeeds } from "./h2-frames.js";
import { finish } from "./h2-server.js";

const requestFields = [
  { name: ":method", value: "POST" },
  { name: ":scheme", value: "https" },
  { name: ":authority", value: "api.push.apple.com" },
  { name: "apns-topic", value: "com.example.app" },
];

/** What a client with four requests makes of what a server sends in these pieces. */
function request(pieces: readonly Uint8Array[]): unknown[] {
  const log: unknown[] = [];
  const settled: unknown[] = [];
  const client = new ClientConnection<number>(
    { now: 0, slabBytes: 4096 },
    {
      onResponse: (context, httpStatus, headers, body) => {
        settled.push(context);
        log.push(["response", context, httpStatus, headers.toArray(), Buffer.from(body).toString("hex")]);
      },
      onRequestFailed: (context, { error, written, processed, response }) => {
        settled.push(context);
        log.push(["failed", context, error.code, written, processed, response?.httpStatus]);
      },
      onConnectionError: ({ code, http2ErrorCode }) => log.push(["error", code, http2ErrorCode]),
      onGoAway: ({ lastStreamId, http2ErrorCode, debugData }) =>
        log.push(["goaway", lastStreamId, http2ErrorCode, Buffer.from(debugData).toString("hex")]),
      onSettings: (settings) => log.push(["settings", { ...settings }]),
      onFlood: ({ code }) => log.push(["flood", code]),
    },
  );
  const template = client.createTemplate({ fields: requestFields, pathPrefix: "/3/device/", variable: "apns-id" });
  const sent = [1, 2, 3, 4].filter(
    (context) => client.request(template, "00", undefined, Buffer.from("{}"), context) !== 0,
  );
  for (const piece of pieces) client.receive(piece, 0);
  finish(client, log);
  must(settled.toSorted().join() === sent.join(), "every request is settled once");
  return log;
}

export const h2Client: Target = {
  name: "h2-client",
  summary: "frames of a server, to the client role of @apns/h2 with four requests open",
  maxInputBytes: 65_536,
  maxMs: 1000,
  testInputs: 800,
  open: () => ({
    seeds: serverSeeds,
    mutate: mutateFrames,
    run: (input) => mustBeSame(request([input]), request(cut(input)), "it does not matter where the input is cut"),
  }),
};

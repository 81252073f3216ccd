import { type Connection, encodeSettingsFrame, frameHeadBytes, readFrameHead, ServerConnection } from "@apns/h2";
import { cut } from "../inputs/cut.js";
import { must, mustBeSame } from "../must.js";
import type { Target } from "../target.js";
import { clientSeeds, mutateFrames } from "./h2-frames.js";

const preface = Buffer.concat([
  Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
  encodeSettingsFrame({ ack: false, settings: [] }),
]);

/** What a server makes of what a client sends in these pieces. */
function serve(pieces: readonly Uint8Array[]): unknown[] {
  const log: unknown[] = [];
  const server = new ServerConnection(
    { now: 0, slabBytes: 4096 },
    {
      onRequestHeaders: (streamId, headers, endStream) => log.push(["headers", streamId, headers.toArray(), endStream]),
      onRequest: (streamId, headers, body) => {
        log.push(["request", streamId, headers.toArray(), Buffer.from(body).toString("hex")]);
        server.respondFields(streamId, [[":status", "200"]], body.subarray(0, 100));
      },
      onStreamReset: (streamId, { code, http2ErrorCode }) => log.push(["reset", streamId, code, http2ErrorCode]),
      onConnectionError: ({ code, http2ErrorCode }) => log.push(["error", code, http2ErrorCode]),
      onGoAway: ({ lastStreamId, http2ErrorCode }) => log.push(["goaway", lastStreamId, http2ErrorCode]),
      onSettings: (settings) => log.push(["settings", { ...settings }]),
    },
  );
  server.receive(preface, 0);
  for (const piece of pieces) server.receive(piece, 0);
  finish(server, log);
  return log;
}

/** Ends a connection, and holds what both roles owe: whole frames in a bounded queue, and no stream left open. */
export function finish(connection: Connection, log: unknown[]): void {
  must(connection.queuedBytes <= 4_194_304, "the queue is bounded");
  const output: Buffer[] = [];
  for (let part = connection.takeOutput(); part !== undefined; part = connection.takeOutput()) {
    output.push(Buffer.from(part));
    connection.outputWritten();
  }
  const bytes = Buffer.concat(output);
  const skip = bytes.toString("latin1", 0, 3) === "PRI" ? 24 : 0;
  let offset = skip;
  while (offset + frameHeadBytes <= bytes.length) offset += frameHeadBytes + readFrameHead(bytes, offset).length;
  must(offset === bytes.length, "what is written is frames");
  log.push(["output", bytes.toString("hex")]);
  connection.onDeadline(5_000);
  connection.connectionLost();
  must(connection.openStreams === 0 && connection.isClosed, "no stream outlives its connection");
}

export const h2Server: Target = {
  name: "h2-server",
  summary: "frames of a client, to the server role of @apns/h2",
  maxInputBytes: 65_536,
  maxMs: 1000,
  testInputs: 800,
  open: () => ({
    seeds: clientSeeds,
    mutate: mutateFrames,
    run: (input) => mustBeSame(serve([input]), serve(cut(input)), "it does not matter where the input is cut"),
  }),
};

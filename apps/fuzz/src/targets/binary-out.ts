import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createServer, type TLSSocket } from "node:tls";
import { alert, BinaryTransport } from "@apns/binary";
import { encodeErrorResponse, FrameDecoder } from "@apns/binary/wire";
import { testIdentities } from "@apns/testkit/identities";
import { must } from "../must.js";
import type { OpenTarget, Target } from "../target.js";

const hello = alert({ aps: { alert: "Hi" } });
const deviceTokens = [1, 2, 3].map((number) => number.toString(16).padStart(64, "0"));
const kinds = ["accepted", "rejected", "unsent", "unconfirmed"];

/**
 * A gateway that says what it is given on the first connection, as soon as it has read something, and behaves on those after
 * it: it refuses the barrier.
 */
async function open(): Promise<OpenTarget> {
  const { ca, server: identity, client } = await testIdentities();
  let answer: Uint8Array | undefined;
  const serve = (socket: TLSSocket): void => {
    const decoder = new FrameDecoder();
    socket.on("error", () => {});
    socket.on("data", (chunk: Uint8Array) => {
      if (answer !== undefined) {
        socket.end(answer);
        answer = undefined;
        return;
      }
      for (const event of decoder.receive(chunk)) {
        if (event.kind === "frame" && event.deviceToken.length === 0) {
          socket.end(encodeErrorResponse({ statusCode: 2, identifier: event.identifier ?? 0 }));
        }
      }
    });
  };
  const server = createServer({ ...identity, ca, requestCert: true, maxVersion: "TLSv1.2" }, serve);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;

  const response = (statusCode: number, identifier: number): Uint8Array =>
    encodeErrorResponse({ statusCode, identifier });
  return {
    seeds: [
      response(8, 2),
      response(10, 2),
      response(0, 0),
      response(255, 0xffff_ffff),
      response(7, 4),
      Buffer.concat([response(8, 1), response(8, 2)]),
      Buffer.alloc(0),
      Buffer.of(8, 8),
      Buffer.from("HTTP/1.1 400 Bad Request\r\n\r\n"),
    ],
    run: async (input) => {
      answer = input;
      const transport = new BinaryTransport({
        environment: { host: "127.0.0.1", port, ca },
        auth: { type: "certificate", ...client },
        settleAfterConnectMs: 0,
        timeoutMs: 10_000,
      });
      try {
        const sends = deviceTokens.map((deviceToken) => transport.send(hello, deviceToken));
        await transport.flush();
        for (const { kind } of await Promise.all(sends)) must(kinds.includes(kind), "every send has an outcome");
      } finally {
        await transport.close({ timeoutMs: 0 });
      }
    },
    close: async () => {
      server.close();
      await once(server, "close");
    },
  };
}

export const binaryOut: Target = {
  name: "binary-out",
  summary: "what a legacy gateway says, to BinaryTransport with three sends under way, over TLS",
  maxInputBytes: 4096,
  maxMs: 8000,
  testInputs: 15,
  open,
};

import { connect, createSecureContext, type SecureContext } from "node:tls";
import { startSimulator } from "@apns/simulator";
import { closed } from "../closed.js";
import { hashOf } from "../inputs/hash.js";
import { must } from "../must.js";
import type { OpenTarget, Target } from "../target.js";
import { startTested } from "./bridge.js";
import {
  authorityPem,
  clientKeyPem,
  mutateClient,
  signedByAuthority,
  soundClient,
  toPem,
} from "./client-certificate.js";

/** `undefined` if OpenSSL does not even show it: then no stranger can, with this library. */
function contextOf(der: Uint8Array): SecureContext | undefined {
  try {
    return createSecureContext({ cert: toPem(der), key: clientKeyPem });
  } catch {
    return undefined;
  }
}

async function open(): Promise<OpenTarget> {
  const mishaps: string[] = [];
  const bridge = await startTested((message) => void mishaps.push(message), authorityPem);
  const apple = await startSimulator();
  const ports: readonly (readonly [port: number, alpn: readonly string[]])[] = [
    [bridge.ports.gateway[0]!, []],
    [bridge.ports.feedback[0]!, []],
    [apple.gateway.port, []],
    [apple.feedback.port, []],
    [apple.http2.port, ["h2"]],
    [apple.channels.port, ["h2"]],
  ];
  return {
    seeds: [soundClient],
    mutate: mutateClient,
    run: async (input) => {
      const hash = hashOf(input);
      // Every second one is signed by an authority that the bridge trusts, and comes further there.
      const secureContext = contextOf(hash % 2 === 0 ? signedByAuthority(input) : input);
      if (secureContext === undefined) return;
      const [port, alpn] = ports[(hash >>> 1) % ports.length]!;
      const socket = connect({
        host: "127.0.0.1",
        port,
        servername: "localhost",
        secureContext,
        ALPNProtocols: [...alpn],
        rejectUnauthorized: false,
      });
      socket.resume();
      socket.end(Buffer.alloc(10));
      await closed(socket);
      must(mishaps.length === 0, "nothing is logged as an error", mishaps.splice(0).join());
    },
    close: async () => {
      await bridge.close({ timeoutMs: 0 });
      await apple.close();
    },
  };
}

export const certificates: Target = {
  name: "certificates",
  summary: "client certificates, to every TLS listener of bridge and simulator",
  maxInputBytes: 16_384,
  maxMs: 8000,
  testInputs: 60,
  open,
};

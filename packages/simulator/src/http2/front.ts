import { performServerHandshake } from "node:http2";
import type { Socket } from "node:net";
import type { PemIdentity } from "@apns/credentials";
import { hangUp } from "../io/hang-up.js";
import { type SecureConnection, tlsAcceptor } from "../io/tls-acceptor.js";
import type { Surroundings } from "../surroundings.js";
import { authenticatedStreams, Http2Connection } from "./connection.js";
import { ProviderTokens } from "./provider-token.js";
import { goAwayFrame, settingsFrame } from "./raw-frames.js";
import { Sender } from "./sender.js";

/**
 * SETTINGS as seen from Apple in 2021, beside the stream limit (pushy #878; which number is which setting is inferred
 * from their order).
 */
const settings = { headerTableSize: 4096, initialWindowSize: 65_535, maxFrameSize: 16_384, maxHeaderListSize: 8000 };

/** The provider API's front door: TLS 1.2 or later, HTTP/2 only. Returns what takes its TCP connections. */
export function http2Front(around: Surroundings, server: PemIdentity, ca: string): (tcp: Socket) => void {
  const tokens = new ProviderTokens(around.world, around.clock);
  const counter = around.log.http2;

  const onSecure = (secure: SecureConnection): void => {
    const { socket, certificate } = secure;
    const number = ++counter.connections;
    counter.connectionsOpen++;
    socket.once("close", () => counter.connectionsOpen--);
    if (socket.alpnProtocol !== "h2") {
      // Observed 2026: TLS succeeds, then come bytes of HTTP/2 nobody asked for, and the end. Never an HTTP/1.1 answer.
      socket.write(settingsFrame(1));
      hangUp(socket, around.timers);
    } else if (certificate !== undefined && !secure.trusted) {
      turnAway(secure, "BadCertificate");
    } else if (certificate !== undefined && !certificate.environments.includes(around.world.environment)) {
      turnAway(secure, "BadCertificateEnvironment");
    } else {
      const streamLimit = certificate === undefined ? 1 : authenticatedStreams;
      const session = performServerHandshake(socket, {
        settings: { ...settings, maxConcurrentStreams: streamLimit },
      });
      session.on("error", () => {});
      const sender = new Sender(certificate, around.world, tokens, around.clock, around.quirks);
      new Http2Connection(session, secure, sender, around, number, streamLimit);
    }
  };

  /**
   * A certificate of the wrong environment passes the handshake and gets SETTINGS, then GOAWAY with the reason as JSON,
   * then the end; never a response (observed 2017 and 2018, apns2 #93 and #117). That one that is not Apple's, or has
   * expired, is turned away likewise is a guess.
   */
  function turnAway({ socket }: SecureConnection, reason: string): void {
    socket.write(Buffer.concat([settingsFrame(authenticatedStreams), goAwayFrame(reason)]));
    hangUp(socket, around.timers);
  }

  return tlsAcceptor({
    server,
    ca,
    minVersion: "TLSv1.2",
    maxVersion: "TLSv1.3",
    ciphers: undefined,
    // Naming a protocol that will not be spoken is the nearest Node comes to leaving the extension out.
    alpn: ({ protocols }) => (protocols.includes("h2") ? "h2" : protocols[0]),
    onSecure,
  });
}

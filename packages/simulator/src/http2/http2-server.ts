import type { Socket } from "node:net";
import type { PemIdentity } from "@apns/credentials";
import { encodeGoAwayFrame, Http2ErrorCode } from "@apns/h2";
import { endGracefully } from "../io/end-connection.js";
import { type SecureConnection, tlsAcceptor } from "../io/tls-acceptor.js";
import type { WireCounter } from "../received.js";
import type { ServerContext } from "../server-context.js";
import type { Api } from "./api.js";
import { BroadcastApi, broadcastPath } from "./broadcast-api.js";
import { ChannelApi } from "./channel-api.js";
import { Http2Connection } from "./connection.js";
import { DeviceApi } from "./device-api.js";
import { ProviderTokens } from "./provider-token.js";
import { Sender } from "./sender.js";
import { greeting } from "./settings.js";

/** The interfaces that one HTTP/2 server has, and its counters. */
export interface Service {
  readonly counter: WireCounter;
  readonly apiFor: (path: string) => Api;
}

/** Notifications and broadcasts. */
export function pushService(context: ServerContext): Service {
  const device = new DeviceApi(context);
  const broadcast = new BroadcastApi(context);
  const apiFor = (path: string): Api => (path.startsWith(broadcastPath) ? broadcast : device);
  return { counter: context.log.http2, apiFor };
}

/** Channel management, and nothing else: Apple has it on hosts and ports of its own. */
export function channelService(context: ServerContext): Service {
  const channel = new ChannelApi(context);
  return { counter: context.log.channels, apiFor: () => channel };
}

/**
 * A server of the HTTP/2 interfaces: TLS 1.2 or later, HTTP/2 only. For an identity of the server, the function returned
 * makes the function that takes its TCP connections.
 */
export function http2Server(
  context: ServerContext,
  { counter, apiFor }: Service,
  ca: string,
): (server: PemIdentity) => (tcp: Socket) => void {
  const tokens = new ProviderTokens(context.world, context.clock, context.quirks);

  const onSecure = (secure: SecureConnection): void => {
    const { socket, certificate } = secure;
    const number = ++counter.connections;
    counter.connectionsOpen++;
    socket.once("close", () => counter.connectionsOpen--);
    if (socket.alpnProtocol !== "h2") {
      // Observed 2026: TLS succeeds, then come bytes of HTTP/2 nobody asked for, and the end. Never an HTTP/1.1 answer.
      socket.write(greeting(context.quirks.initialStreams));
      endGracefully(socket, context.timers);
    } else if (certificate !== undefined && !secure.trusted) {
      turnAway(secure, "BadCertificate");
    } else if (certificate !== undefined && !certificate.environments.includes(context.world.environment)) {
      turnAway(secure, "BadCertificateEnvironment");
    } else {
      const sender = new Sender(certificate, context.world, tokens, context.clock, context.quirks);
      new Http2Connection(secure, sender, apiFor, context, number);
    }
  };

  /**
   * A certificate of the wrong environment passes the handshake and gets SETTINGS, then GOAWAY with the reason as JSON,
   * then the end; never a response (observed 2017 and 2018, apns2 #93 and #117). That one that is not Apple's, or has
   * expired, is turned away likewise is a guess.
   */
  function turnAway({ socket }: SecureConnection, reason: string): void {
    const debugData = Buffer.from(JSON.stringify({ reason }));
    const goAway = encodeGoAwayFrame({ lastStreamId: 0, http2ErrorCode: Http2ErrorCode.NO_ERROR, debugData });
    const { authenticatedStreams, wrongEnvironmentGoAways } = context.quirks;
    const times = reason === "BadCertificateEnvironment" ? wrongEnvironmentGoAways : 1;
    socket.write(Buffer.concat([greeting(authenticatedStreams), ...Array<Buffer>(times).fill(goAway)]));
    endGracefully(socket, context.timers);
  }

  return (server) =>
    tlsAcceptor({
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

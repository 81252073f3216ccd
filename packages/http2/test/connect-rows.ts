// What can go wrong before there is a connection. Each row brings its own server.
import { generateKeyPairSync } from "node:crypto";
import { createServer as createTcpServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer, type TlsOptions } from "node:tls";
import type { Endpoint } from "@apns/core";
import { nameWithAddresses, testIdentities } from "@apns/testkit";
import { Http2Transport, type Http2TransportOptions } from "../src/index.js";
import { acceptAll, RawPeer } from "./raw-peer.js";

export interface ConnectRow {
  readonly fault: string;
  readonly outcome: string;
  /** The message of the cause, where there is one. */
  readonly says?: RegExp;
  transport(): Promise<Http2Transport>;
  cleanUp(): Promise<void>;
}

const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
const auth = { type: "token", key: privateKey, keyId: "KEY1234567", teamId: "TEAM123456" } as const;

const tilDeadline = "unsent 0 ERR_APNS_TIMEOUT";
const atOnce = "unsent 0 ERR_APNS_CONNECT_FAILED";

type RowOptions = Partial<Http2TransportOptions> & { readonly endpoint?: Partial<Endpoint> };

/** A row whose server is made by `listen`. */
function row(
  fault: string,
  outcome: string,
  says: RegExp,
  listen: () => Server | Promise<Server>,
  options: RowOptions | ((port: number) => RowOptions) = {},
): ConnectRow {
  let server: Server;
  const sockets = new Set<Socket>();
  return {
    fault,
    outcome,
    says,
    async transport() {
      server = await listen();
      server.on("connection", (socket: Socket) => sockets.add(socket.on("error", () => {})));
      server.on("tlsClientError", () => {});
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      const { port } = server.address() as { port: number };
      const { ca } = await testIdentities();
      const { endpoint, ...others } = typeof options === "function" ? options(port) : options;
      return new Http2Transport({
        environment: { host: "127.0.0.1", port, ca, ...endpoint },
        auth,
        // Long enough for an attempt or two to end on a busy machine.
        timeoutMs: outcome === tilDeadline ? 1_000 : 10_000,
        ...others,
      });
    },
    async cleanUp() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const tls = (options: TlsOptions) => async (): Promise<Server> => {
  const { server: identity } = await testIdentities();
  const server = createTlsServer({ ALPNProtocols: ["h2"], ...identity, ...options });
  server.on("secureConnection", (socket) => socket.on("error", () => {}));
  return server;
};

/** A certificate of the trusted authority, with a validity of its own. */
const withCertificate = (validity: { notBefore: Date; notAfter: Date }) => async (): Promise<Server> => {
  const { authority } = await testIdentities();
  return tls(await authority.issueServer({ hosts: ["127.0.0.1"], keyType: "ec", ...validity }))();
};

const closing = (server: Server): Server => {
  server.on("connection", (socket: Socket) => socket.destroy());
  return server;
};

/** Of servers from which nothing comes: only those let the time for a connection pass. */
const silent = { connectTimeoutMs: 300, timeoutMs: 1_500 };

const year = 365 * 24 * 3_600_000;

/** A server that answers each piece of what it reads with the next of these, given in hexadecimal. */
const answering =
  (...answers: readonly string[]) =>
  (): Server =>
    createTcpServer((socket) => {
      const left = [...answers];
      socket.on("data", () => void socket.write(Buffer.from(left.shift() ?? "", "hex")));
    });

const hexOf = (text: string): string => Buffer.from(text).toString("hex");

/** By way of a proxy on the row's server. */
const through = (scheme: string) => (port: number) => ({ proxy: `${scheme}://me:secret@127.0.0.1:${port}` });

/** Three of the four addresses of a name accept TCP and stay mute; they come first. */
function muteAddresses(): ConnectRow {
  const cleanUps: (() => unknown)[] = [];
  return {
    fault: "Three of four addresses accept TCP and stay mute",
    outcome: "accepted 1",
    async transport() {
      const peer = await RawPeer.start(acceptAll, { requestCert: false });
      const mute = ["127.0.0.2", "127.0.0.3", "127.0.0.4"];
      for (const address of mute) {
        const sockets = new Set<Socket>();
        const server = createTcpServer((socket) => void sockets.add(socket.on("error", () => {})));
        await new Promise<void>((resolve) => server.listen(peer.endpoint.port, address, resolve));
        cleanUps.push(() => {
          for (const socket of sockets) socket.destroy();
          server.close();
        });
      }
      cleanUps.push(() => peer.close(), nameWithAddresses("four.example", [...mute, "127.0.0.1"]));
      return new Http2Transport({
        environment: { ...peer.endpoint, host: "four.example", servername: "localhost" },
        auth,
      });
    },
    async cleanUp() {
      for (const cleanUp of cleanUps) await cleanUp();
    },
  };
}

export const connectRows: readonly ConnectRow[] = [
  row(
    "TCP accepted, TLS never answered",
    tilDeadline,
    /no TLS handshake within 300 ms/,
    () => createTcpServer(),
    silent,
  ),
  row("TCP accepted and closed", tilDeadline, /disconnected before secure TLS connection/, () =>
    closing(createTcpServer()),
  ),
  row("TLS without SETTINGS", tilDeadline, /no SETTINGS within 300 ms/, tls({}), silent),
  row("TLS closed before SETTINGS", tilDeadline, /closed the connection before its SETTINGS/, async () => {
    const server = await tls({})();
    server.on("secureConnection", (socket: Socket) => socket.end());
    return server;
  }),
  row("Something else than TLS", tilDeadline, /does not speak TLS/, () =>
    createTcpServer((socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n")),
  ),
  row(
    "TLS alert: the server wants a client certificate",
    atOnce,
    /refused the client certificate|certificate required/i,
    async () => {
      const { ca } = await testIdentities();
      return tls({ requestCert: true, rejectUnauthorized: true, ca })();
    },
  ),
  row("HTTP/1.1 over TLS, though HTTP/2 was agreed on", tilDeadline, /SETTINGS_MAX_FRAME_SIZE/, async () => {
    const server = await tls({})();
    server.on("secureConnection", (socket: Socket) => socket.write("HTTP/1.1 400 Bad Request\r\n\r\n"));
    return server;
  }),
  row("The server speaks HTTP/1.1 only (ALPN)", atOnce, /does not speak/, tls({ ALPNProtocols: ["http/1.1"] })),
  row("The server knows no ALPN", atOnce, /does not speak "h2"/, tls({ ALPNProtocols: undefined })),
  row(
    "The server speaks TLS 1.1 only",
    tilDeadline,
    /protocol version|unsupported protocol/i,
    tls({ minVersion: "TLSv1.1", maxVersion: "TLSv1.1", ciphers: "DEFAULT:@SECLEVEL=0" }),
  ),
  row("The server's certificate is of an unknown authority", atOnce, /not to be trusted.*environment\.ca/, tls({}), {
    endpoint: { ca: [] },
  }),
  row("The server's certificate is for another name", atOnce, /not to be trusted/, tls({}), {
    endpoint: { servername: "other.example" },
  }),
  row(
    "The server's certificate is not Apple's, behind Apple's name (TLS inspection)",
    atOnce,
    /not Apple's, but for .*, issued by "Throw-away Test CA" \(something between here and Apple opens TLS/,
    tls({}),
    { endpoint: { servername: "api.push.apple.com" } },
  ),
  row(
    "The server's certificate has expired",
    atOnce,
    /expired.*not to be trusted/,
    withCertificate({ notBefore: new Date(Date.now() - 2 * year), notAfter: new Date(Date.now() - year) }),
  ),
  muteAddresses(),
  row(
    "The HTTP proxy wants other credentials (407)",
    atOnce,
    /refused the tunnel to .*: HTTP\/1\.1 407 No\.$/,
    answering(hexOf("HTTP/1.1 407 No\n\n")),
    through("http"),
  ),
  row(
    "The HTTP proxy does not reach the server (502)",
    tilDeadline,
    /HTTP\/1\.1 502 No\.$/,
    answering(hexOf("HTTP/1.1 502 No\r\n\r\n")),
    through("http"),
  ),
  row(
    "The certificate of the https proxy is of an unknown authority",
    atOnce,
    /^proxy .*the proxy's certificate is not to be trusted; name its authority in NODE_EXTRA_CA_CERTS/,
    tls({ ALPNProtocols: ["http/1.1"] }),
    (port) => ({ ...through("https")(port), endpoint: { ca: [] } }),
  ),
  row(
    "The SOCKS5 proxy wants other credentials",
    atOnce,
    /refused the user name and password\.$/,
    answering("0502", "0101"),
    through("socks5"),
  ),
  row(
    "The SOCKS5 proxy does not reach the server",
    tilDeadline,
    /host unreachable\.$/,
    answering("0500", "0504000100000000"),
    through("socks5"),
  ),
  row(
    "The proxy is mute",
    tilDeadline,
    /no tunnel from the proxy within 300 ms/,
    () => createTcpServer(),
    (port) => ({
      ...through("socks5")(port),
      ...silent,
    }),
  ),
];

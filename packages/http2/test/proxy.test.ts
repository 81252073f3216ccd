import { createServer, type Server } from "node:http";
import { connect, type Socket } from "node:net";
import { startProxy, testIdentities } from "@apns/testkit";
import { afterEach, describe, expect, test, vi } from "vitest";
import { alert, Http2Transport, type Http2TransportOptions } from "../src/index.js";
import { accept, ScriptedServer } from "./apns-server.js";

const hello = alert({ topic: "com.example.App", aps: { alert: "Hi" } });

const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  vi.unstubAllEnvs();
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

/** A proxy that asks for a password, and what it was asked for. */
async function startHttpProxy(): Promise<{ port: number; asked: string[] }> {
  const asked: string[] = [];
  const sockets = new Set<Socket>();
  const proxy: Server = createServer();
  proxy.on("connection", (socket) => sockets.add(socket));
  proxy.on("connect", (request, socket: Socket) => {
    asked.push(request.url!);
    socket.on("error", () => {});
    if (request.headers["proxy-authorization"] !== `Basic ${Buffer.from("me:s3cret").toString("base64")}`) {
      socket.end("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n");
      return;
    }
    const [host, port] = request.url!.split(":");
    const onward = connect(Number(port), host, () => {
      socket.write("HTTP/1.1 200 Connection Established\r\n\r\n");
      socket.pipe(onward).pipe(socket);
    });
    sockets.add(onward.on("error", () => socket.destroy()));
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  cleanUps.push(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => proxy.close(resolve));
  });
  return { port: (proxy.address() as { port: number }).port, asked };
}

async function setUp(proxyOption: (port: number) => string, options: Partial<Http2TransportOptions> = {}) {
  const proxy = await startHttpProxy();
  const { client } = await testIdentities();
  const server = await ScriptedServer.start({ onRequest: accept, requestCert: true });
  cleanUps.push(() => server.close());
  const transport = new Http2Transport({
    environment: server.endpoint,
    auth: { type: "certificate", ...client },
    proxy: proxyOption(proxy.port),
    ...options,
  });
  cleanUps.push(() => transport.close({ timeoutMs: 100 }));
  return { proxy, server, transport };
}

describe("through a proxy", () => {
  test("the client certificate reaches the server, and the proxy sees the name only", async () => {
    const { proxy, server, transport } = await setUp((port) => `http://me:s3cret@127.0.0.1:${port}`);
    const outcomes = await Promise.all(Array.from({ length: 50 }, () => transport.send(hello, "ab")));
    expect(outcomes.every(({ kind }) => kind === "accepted")).toBe(true);
    expect(proxy.asked).toEqual([`127.0.0.1:${server.endpoint.port}`]);
    const certificate = (server.sessions[0]!.socket as import("node:tls").TLSSocket).getPeerCertificate();
    expect(JSON.stringify(certificate.subject)).toContain("com.example.App");
  });

  test("that refuses: notifications are unsent at once, the error has its status and not the password", async () => {
    const { transport } = await setUp((port) => `http://me:wrong-s3cret@127.0.0.1:${port}`);
    const outcome = await transport.send(hello, "ab");
    expect(outcome).toMatchObject({
      kind: "unsent",
      attempts: 0,
      cause: { code: "ERR_APNS_CONNECT_FAILED", message: expect.stringContaining("407") },
    });
    expect(outcome.kind === "unsent" && outcome.cause.message).not.toContain("s3cret");
  });

  test("of the environment, unless the host is exempt", async () => {
    vi.stubEnv("HTTPS_PROXY", "");
    vi.stubEnv("NO_PROXY", "");
    const first = await setUp((port) => {
      vi.stubEnv("HTTPS_PROXY", `http://me:s3cret@127.0.0.1:${port}`);
      return "environment";
    });
    expect((await first.transport.send(hello, "ab")).kind).toBe("accepted");
    expect(first.proxy.asked).toHaveLength(1);
    vi.stubEnv("NO_PROXY", "localhost,127.0.0.1");
    const exempt = await setUp(() => "environment");
    expect((await exempt.transport.send(hello, "ab")).kind).toBe("accepted");
    expect(exempt.proxy.asked).toHaveLength(0);
  });

  test.each([
    ["https", "me:s3cret", "https://me:s3cret@127.0.0.1", "connect me:s3cret 127.0.0.1"],
    ["socks5", "me:s3cret", "socks5://me:s3cret@127.0.0.1", "socks5 me:s3cret localhost"],
    ["socks5", undefined, "socks5h://127.0.0.1", "socks5 localhost"],
    ["socks4a", "me", "socks4a://me@127.0.0.1", "socks4a me localhost"],
  ] as const)("of the kind %s (%s)", async (kind, credentials, address, asked) => {
    for (const slowly of [false, true]) {
      const proxy = await startProxy(kind, { slowly, ...(credentials === undefined ? {} : { credentials }) });
      cleanUps.push(() => proxy.close());
      const { client } = await testIdentities();
      const server = await ScriptedServer.start({ onRequest: accept, requestCert: true });
      cleanUps.push(() => server.close());
      const host = kind === "https" ? "127.0.0.1" : "localhost";
      const transport = new Http2Transport({
        environment: { ...server.endpoint, host },
        auth: { type: "certificate", ...client },
        proxy: `${address}:${proxy.port}`,
      });
      cleanUps.push(() => transport.close({ timeoutMs: 100 }));
      const outcomes = await Promise.all(Array.from({ length: 50 }, () => transport.send(hello, "ab")));
      expect(outcomes.filter(({ kind }) => kind === "accepted")).toHaveLength(50);
      expect(proxy.asked).toEqual([`${asked}:${server.endpoint.port}`]);
    }
  });

  test.each([
    ["socks5", { credentials: "me:other" }, "socks5://me:s3cret@127.0.0.1", /refused the user name and password\.$/],
    ["socks5", { replyCode: 2 }, "socks5://127.0.0.1", /refused the tunnel to .*: not allowed by its rules\.$/],
    ["socks4a", { credentials: "you" }, "socks4a://me@127.0.0.1", /identd names another user\.$/],
    ["https", { credentials: "me:other" }, "https://me:s3cret@127.0.0.1", /407 Authenticate\.$/],
    ["http", {}, "https://127.0.0.1", /does not speak TLS; give its address as http:/],
    ["https", {}, "https://localhost.example.invalid", /the name cannot be resolved/],
  ] as const)(
    "of the kind %s that refuses (%j), everything is unsent, without the password",
    async (kind, options, address, says) => {
      const proxy = await startProxy(kind, options);
      cleanUps.push(() => proxy.close());
      const { ca, client } = await testIdentities();
      const transport = new Http2Transport({
        environment: { host: "127.0.0.1", port: 9, ca },
        auth: { type: "certificate", ...client },
        proxy: `${address}:${proxy.port}`,
        timeoutMs: 1_000,
      });
      cleanUps.push(() => transport.close({ timeoutMs: 100 }));
      const outcome = await transport.send(hello, "ab");
      expect(outcome).toMatchObject({ kind: "unsent", attempts: 0, cause: { message: expect.stringMatching(says) } });
      expect(JSON.stringify(outcome)).not.toContain("s3cret");
    },
  );

  test("of the kind https is verified, unless that is switched off", async () => {
    const proxy = await startProxy("https");
    cleanUps.push(() => proxy.close());
    const { client } = await testIdentities();
    const server = await ScriptedServer.start({ onRequest: accept, requestCert: true });
    cleanUps.push(() => server.close());
    const { ca: _, ...environment } = server.endpoint;
    const options = {
      environment,
      auth: { type: "certificate", ...client },
      proxy: `https://127.0.0.1:${proxy.port}`,
    } as const;
    const careful = new Http2Transport(options);
    cleanUps.push(() => careful.close({ timeoutMs: 100 }));
    expect(await careful.send(hello, "ab")).toMatchObject({
      kind: "unsent",
      cause: {
        code: "ERR_APNS_CONNECT_FAILED",
        message: expect.stringMatching(/^proxy 127\.0\.0\.1:.*NODE_EXTRA_CA_CERTS/),
      },
    });
    const careless = new Http2Transport({ ...options, dangerouslySkipServerVerification: true });
    cleanUps.push(() => careless.close({ timeoutMs: 100 }));
    expect((await careless.send(hello, "ab")).kind).toBe("accepted");
  });
});

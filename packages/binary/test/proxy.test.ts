import { connect, createServer, type Socket } from "node:net";
import { startProxy, testIdentities } from "@apns/testkit";
import { afterEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { feedback } from "../src/index.js";
import { connectTo, hello, pair, sendTogether, short, tokenOf, tokens } from "./helpers.js";
import { faithful, listen, startRawGateway } from "./raw-gateway.js";

afterEach(() => {
  vi.unstubAllEnvs();
});

/** An HTTP proxy that answers with `status` and, if that is 200, tunnels. */
async function startHttpProxy(status: string): Promise<{ port: number; requests: string[] }> {
  const requests: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.once("data", (head) => {
      requests.push(head.toString("latin1"));
      const [, host, port] = /^CONNECT (.+):(\d+) HTTP\/1\.1\r\n/.exec(head.toString("latin1")) ?? [];
      // In two pieces, as a network might.
      socket.write(`HTTP/1.1 ${status}\r\nvia: test`);
      setTimeout(() => {
        socket.write("\r\n\r\n");
        if (!status.startsWith("200")) return;
        const onward = connect(Number(port), host);
        onward.on("error", () => {});
        socket.pipe(onward).pipe(socket);
      }, 5);
    });
  });
  const port = await listen(server);
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return { port, requests };
}

describe("through a proxy", () => {
  test("sends, with the proxy's user and password", async () => {
    const { gateway } = await pair(faithful());
    const proxy = await startHttpProxy("200 Connection established");
    const transport = await connectTo(gateway.port, { proxy: `http://user:p%40ss@127.0.0.1:${proxy.port}` });
    expect(await sendTogether(transport, tokens(20))).toEqual(Array(20).fill("accepted 1"));
    expect(proxy.requests).toEqual([
      `CONNECT 127.0.0.1:${gateway.port} HTTP/1.1\r\nhost: 127.0.0.1:${gateway.port}\r\n` +
        `proxy-authorization: Basic ${Buffer.from("user:p@ss").toString("base64")}\r\n\r\n`,
    ]);
  });

  test("its refusal is reported, its password never", async () => {
    const proxy = await startHttpProxy("407 Proxy Authentication Required");
    const transport = await connectTo(2195, {
      proxy: `http://user:secret@127.0.0.1:${proxy.port}`,
      maxConnectFailures: 1,
    });
    const outcome = await transport.send(hello, tokenOf(1));
    expect(short(outcome)).toBe("unsent CONNECT_FAILED 0");
    expect(outcome.kind === "unsent" && outcome.cause.message).toMatch(
      /refused the tunnel .* 407 Proxy Authentication/,
    );
    expect(JSON.stringify(outcome) + (outcome.kind === "unsent" && outcome.cause.stack)).not.toContain("secret");
  });

  test("an answer that is not HTTP, or none, fails in time", async () => {
    const server = createServer((socket) => {
      socket.on("error", () => {});
      socket.write("x".repeat(20_000));
    });
    const port = await listen(server);
    onTestFinished(() => void server.close());
    const talker = await connectTo(2195, { proxy: `http://127.0.0.1:${port}`, maxConnectFailures: 1 });
    const said = await talker.send(hello, tokenOf(1));
    expect(said.kind === "unsent" && said.cause.message).toContain("did not answer as an HTTP proxy does");
    const silent = createServer((socket) => void socket.on("error", () => {}));
    const silentPort = await listen(silent);
    onTestFinished(() => void silent.close());
    const waiter = await connectTo(2195, {
      proxy: `http://127.0.0.1:${silentPort}`,
      maxConnectFailures: 1,
      connectTimeoutMs: 300,
    });
    const outcome = await waiter.send(hello, tokenOf(1));
    expect(outcome.kind === "unsent" && outcome.cause.message).toContain("no tunnel from the proxy within 300 ms");
  });

  test.each([
    ["https", "me:s3cret", "https://me:s3cret@127.0.0.1", "connect me:s3cret 127.0.0.1"],
    ["socks5", "me:s3cret", "socks5://me:s3cret@127.0.0.1", "socks5 me:s3cret 127.0.0.1"],
    ["socks4a", "me", "socks4a://me@127.0.0.1", "socks4a me 127.0.0.1"],
  ] as const)("of the kind %s (%s)", async (kind, credentials, address, asked) => {
    const { gateway } = await pair(faithful());
    const proxy = await startProxy(kind, { credentials });
    onTestFinished(() => proxy.close());
    const transport = await connectTo(gateway.port, { proxy: `${address}:${proxy.port}` });
    expect(await sendTogether(transport, tokens(20))).toEqual(Array(20).fill("accepted 1"));
    expect(proxy.asked).toEqual([`${asked}:${gateway.port}`]);
  });

  test("of the environment, for gateway and feedback", async () => {
    for (const name of ["https_proxy", "HTTPS_PROXY", "no_proxy", "NO_PROXY"]) vi.stubEnv(name, "");
    const proxy = await startProxy("socks5");
    onTestFinished(() => proxy.close());
    vi.stubEnv("ALL_PROXY", `socks5://127.0.0.1:${proxy.port}`);
    const { gateway } = await pair(faithful());
    const transport = await connectTo(gateway.port, { proxy: "environment" });
    expect(await sendTogether(transport, tokens(2))).toEqual(["accepted 1", "accepted 1"]);
    const service = await startRawGateway({ opened: ({ socket }) => socket.end() });
    onTestFinished(() => service.close());
    const { ca, client } = await testIdentities();
    const environment = { host: "127.0.0.1", port: service.port, ca };
    const entries = feedback({ environment, auth: { type: "certificate", ...client }, proxy: "environment" });
    for await (const entry of entries) expect(entry).toBeUndefined();
    expect(proxy.asked).toEqual([`socks5 127.0.0.1:${gateway.port}`, `socks5 127.0.0.1:${service.port}`]);
  });

  test.each(["ftp://127.0.0.1:1", "http://user:12#secret@proxy", "nonsense", "http://user:secret@"])(
    "%s is refused as a proxy",
    async (proxy) => {
      const error: unknown = await connectTo(2195, { proxy }).catch((reason: unknown) => reason);
      expect(error).toMatchObject({ field: "proxy" });
      expect((error as Error).message).not.toContain("secret");
    },
  );
});

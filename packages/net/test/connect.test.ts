import { createPrivateKey, generateKeyPairSync } from "node:crypto";
import { readFileSync } from "node:fs";
import { connect as connectTcp, createServer as createTcpServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer, TLSSocket, type TlsOptions } from "node:tls";
import { hostileClients, parseTree, serializeTree, testIdentities } from "@apns/testkit";
import { afterEach, describe, expect, test, vi } from "vitest";
import {
  type ConnectError,
  type ConnectOptions,
  closeGracefully,
  connect,
  listen as listenOn,
  parseProxy,
  readTlsIdentity,
  TlsSessionCache,
} from "../src/index.js";

const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

interface Listening {
  readonly port: number;
  readonly sockets: Set<Socket>;
}

async function listen(server: Server): Promise<Listening> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket.on("error", () => {}));
    socket.on("close", () => sockets.delete(socket));
  });
  server.on("tlsClientError", () => {});
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  cleanUps.push(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return { port: (server.address() as { port: number }).port, sockets };
}

async function listenTls(options: TlsOptions = {}): Promise<Listening & { secured: TLSSocket[] }> {
  const { server: identity } = await testIdentities();
  const secured: TLSSocket[] = [];
  const server = createTlsServer({ ...identity, ALPNProtocols: ["h2"], ...options }, (socket) => {
    secured.push(socket);
    socket.on("error", () => {});
    socket.write("hello");
  });
  return { ...(await listen(server)), secured };
}

interface Target {
  readonly port: number;
  readonly servername?: string;
  readonly ca?: string | undefined;
}

async function optionsFor(target: Target, more: Partial<ConnectOptions> = {}): Promise<ConnectOptions> {
  const { ca } = await testIdentities();
  const trusted = "ca" in target ? target.ca : ca;
  return {
    endpoint: { host: "127.0.0.1", port: target.port, servername: target.servername ?? "127.0.0.1", ca: trusted },
    secureContext: readTlsIdentity({ ca: trusted }),
    verifyServer: true,
    proxy: undefined,
    timeoutMs: 2_000,
    ...more,
  };
}

/** The socket, or the error. */
async function attempt(target: Target, more: Partial<ConnectOptions> = {}): Promise<TLSSocket | ConnectError> {
  try {
    const socket = await connect(await optionsFor(target, more));
    cleanUps.push(async () => socket.destroy());
    return socket;
  } catch (error) {
    return error as ConnectError;
  }
}

const failure = (retryable: boolean, message: RegExp) => ({
  name: "ConnectError",
  code: "ERR_APNS_CONNECT_FAILED",
  retryable,
  message: expect.stringMatching(message),
});

describe("a direct connection", () => {
  test("is TLS to the name asked for, with the protocol asked for", async () => {
    const server = await listenTls();
    const socket = (await attempt(server, { alpnProtocol: "h2" })) as TLSSocket;
    expect(socket).toMatchObject({ authorized: true, alpnProtocol: "h2" });
    expect(String(await new Promise((resolve) => socket.once("data", resolve)))).toBe("hello");
  });

  test.each(["TLSv1.2", "TLSv1.3"] as const)(
    "resumes the TLS session of the one before it, over %s",
    async (version) => {
      const server = await listenTls({ minVersion: version, maxVersion: version });
      const sessions = new TlsSessionCache();
      const first = (await attempt(server, { sessions })) as TLSSocket;
      while (sessions.latest === undefined) await new Promise((resolve) => setTimeout(resolve, 5));
      const second = (await attempt(server, { sessions })) as TLSSocket;
      expect([first.isSessionReused(), second.isSessionReused()]).toEqual([false, true]);
    },
  );

  test("does not offer a session again that a connection failed with, and after two failures none", async () => {
    const server = await listenTls();
    const sessions = new TlsSessionCache();
    const connected = async (): Promise<boolean> => {
      const socket = (await attempt(server, { sessions })) as TLSSocket;
      await new Promise((resolve) => socket.once("session", resolve));
      return socket.isSessionReused();
    };
    expect(await connected()).toBe(false);
    sessions.failed();
    expect(sessions.latest).toBeUndefined();
    expect(await connected()).toBe(false);
    sessions.failed();
    expect([await connected(), sessions.latest]).toEqual([false, undefined]);
  });

  test.each<[string, TlsOptions, Partial<Target>, Partial<ConnectOptions>, object]>([
    ["of an unknown authority", {}, { ca: undefined }, {}, failure(false, /not to be trusted.*environment\.ca/)],
    ["for another name", {}, { servername: "other.example" }, {}, failure(false, /altnames.*not to be trusted/)],
    [
      "not Apple's, where that is asked for",
      {},
      { servername: "api.push.apple.com" },
      {},
      failure(false, /altnames.*issued by "Throw-away Test CA" \(something between here and Apple opens TLS/),
    ],
    ["for another address", {}, { servername: "10.0.0.1" }, {}, failure(false, /not to be trusted/)],
  ])("is refused when the certificate is %s", async (_, tls, target, more, expected) => {
    expect(await attempt({ ...(await listenTls(tls)), ...target }, more)).toMatchObject(expected);
  });

  test("looks at a server's certificate without Node's own reading of it", async () => {
    const read = vi.spyOn(TLSSocket.prototype, "getPeerCertificate");
    const { ca, known } = await hostileClients();
    const outcomes: Record<string, unknown> = {};
    for (const { name, cert, key } of known) {
      const server = await listenTls({ cert, key });
      outcomes[name] = await attempt({ ...server, ca, servername: "a.example" });
    }
    const trusted = expect.objectContaining({ authorized: true });
    expect(outcomes).toEqual({
      "no subject": trusted,
      "a name of a type of 1319 bytes": trusted,
      "a subject of 60,000 bytes": trusted,
      "an empty list of purposes": expect.objectContaining(failure(true, /unsuitable certificate purpose/)),
      "a purpose of 748 bytes": expect.objectContaining(failure(true, /unsuitable certificate purpose/)),
      "a key on a curve spelled out": expect.objectContaining(failure(true, /./)),
    });
    expect(read).not.toHaveBeenCalled();
    read.mockRestore();
  });

  test("ends with the error of a listener that throws, and throws nothing outward", async () => {
    const server = await listenTls();
    const socket = await connect(await optionsFor(server));
    const fault = new Error("a fault of the caller's");
    const ended = new Promise((resolve) => socket.on("error", resolve));
    socket.on("data", () => {
      throw fault;
    });
    expect(await ended).toBe(fault);
  });

  test("ends with the error of an onread callback that throws, and throws nothing outward", async () => {
    const server = await listenTls();
    const fault = new Error("a fault of the caller's");
    const callback = (): boolean => {
      throw fault;
    };
    const onread = { buffer: Buffer.alloc(1024), callback };
    const socket = await connect(await optionsFor(server, { onread }));
    expect(await new Promise((resolve) => socket.on("error", resolve))).toBe(fault);
    expect(socket.destroyed).toBe(true);
  });

  test("is made with any server only when told so", async () => {
    const server = await listenTls();
    const target = { port: server.port, ca: undefined, servername: "api.push.apple.com" };
    expect(await attempt(target, { verifyServer: false })).toMatchObject({ authorized: false });
  });

  test("without the protocol is none", async () => {
    const expected = failure(false, /does not speak/);
    expect(await attempt(await listenTls({ ALPNProtocols: ["http/1.1"] }), { alpnProtocol: "h2" })).toMatchObject(
      expected,
    );
    expect(await attempt(await listenTls({ ALPNProtocols: undefined as never }), { alpnProtocol: "h2" })).toMatchObject(
      failure(false, /does not speak "h2" \(ALPN\)/),
    );
  });

  test("that is refused, never answered or closed early, fails within its time", async () => {
    const silent = await listen(createTcpServer());
    expect(await attempt(silent, { timeoutMs: 300 })).toMatchObject(failure(true, /no TLS handshake within 300 ms/));
    const closing = await listen(createTcpServer((socket) => socket.destroy()));
    expect(await attempt(closing)).toMatchObject(failure(true, /./));
    const gone = createTcpServer();
    const { port } = await listen(gone);
    await cleanUps.pop()!();
    expect(await attempt({ port })).toMatchObject(failure(true, /nobody listens there/));
    const plain = await listen(createTcpServer((socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n")));
    expect(await attempt(plain)).toMatchObject(failure(true, /does not speak TLS/));
  });

  test("with arguments that Node refuses fails like any other", async () => {
    const server = await listenTls();
    const { endpoint } = await optionsFor(server);
    const failed = await attempt(server, { endpoint: { ...endpoint, port: 65_536 } });
    expect(failed).toMatchObject({ code: "ERR_APNS_CONNECT_FAILED" });
  });

  test("that a signal ends rejects with its reason, and leaves no socket", async () => {
    const silent = await listen(createTcpServer((socket) => void socket.resume()));
    const controller = new AbortController();
    const attempting = attempt(silent, { signal: controller.signal });
    while (silent.sockets.size === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    controller.abort("no longer wanted");
    expect(await attempting).toBe("no longer wanted");
    while (silent.sockets.size > 0) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(await attempt(silent, { signal: controller.signal })).toBe("no longer wanted");
    expect(silent.sockets.size).toBe(0);
  });

  test("that the server resets after its last message still delivers that message", async () => {
    const server = await listenTls({ noDelay: true } as TlsOptions);
    const socket = (await attempt(server)) as TLSSocket;
    while (server.secured.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    socket.pause();
    server.secured[0]!.write("last word");
    await new Promise((resolve) => setTimeout(resolve, 20));
    for (const raw of server.sockets) raw.resetAndDestroy();
    // The write meets the reset before anything was read.
    socket.write("too late");
    let said = "";
    socket.on("data", (chunk: Buffer) => {
      said += chunk;
    });
    await new Promise((resolve) => setTimeout(resolve, 20));
    socket.resume();
    await new Promise((resolve) => socket.once("close", resolve));
    expect(said).toBe("hellolast word");
  });
});

describe("a graceful close", () => {
  test("lets the peer read what was written, and discards what it still sends", async () => {
    let closed = false;
    const server = await listen(
      createTcpServer({ allowHalfOpen: true }, (socket) => {
        socket.write("x".repeat(100_000));
        socket.end("last word");
        closeGracefully(socket);
        socket.on("close", () => {
          closed = true;
        });
      }),
    );
    const client = connectTcp(server.port, "127.0.0.1");
    let heard = "";
    client.on("data", (chunk: Buffer) => {
      heard += chunk;
      client.write("still talking");
    });
    await new Promise((resolve) => client.once("end", resolve));
    client.destroy();
    expect(heard.endsWith("last word")).toBe(true);
    while (!closed) await new Promise((resolve) => setTimeout(resolve, 5));
  });

  test("ends by force when the peer does not close its side", async () => {
    const server = await listen(createTcpServer({ allowHalfOpen: true }, (socket) => void socket.resume()));
    const client = connectTcp({ port: server.port, host: "127.0.0.1", allowHalfOpen: true });
    await new Promise((resolve) => client.once("connect", resolve));
    closeGracefully(client, { lingerMs: 50 });
    await new Promise((resolve) => client.once("close", resolve));
    expect(client.destroyed).toBe(true);
  });
});

describe("listen", () => {
  test("names port, problem and fix, and survives a failing accept", async () => {
    const server = createTcpServer();
    const accepts: string[] = [];
    const options = { name: "gateway", host: "127.0.0.1", port: 0 };
    const port = await listenOn(server, { ...options, onAcceptError: ({ message }) => accepts.push(message) });
    cleanUps.push(() => new Promise((resolve) => server.close(resolve)));
    server.emit("error", new Error("EMFILE"));
    expect(accepts).toEqual(["EMFILE"]);
    await expect(listenOn(createTcpServer(), { ...options, port })).rejects.toMatchObject({
      code: "ERR_APNS_LISTEN",
      message: `gateway: port ${port} of 127.0.0.1 is in use; stop what listens there, or choose another port (0 takes any free one).`,
    });
  });
});

describe("through a proxy", () => {
  /** What it was asked, and what it answers before it passes bytes on. */
  async function proxyThat(answer: (request: string) => string, to?: number) {
    const asked: string[] = [];
    const server = createTcpServer((socket) => {
      socket.on("error", () => {});
      socket.once("data", (chunk: Buffer) => {
        asked.push(chunk.toString("latin1"));
        socket.write(answer(asked[0]!), "latin1");
        if (to === undefined) return;
        const onward = connectTcp(to, "127.0.0.1");
        onward.on("error", () => {});
        socket.pipe(onward).pipe(socket);
      });
    });
    const { port } = await listen(server);
    return { asked, proxy: parseProxy(`http://me:s3cret@127.0.0.1:${port}`) };
  }

  test("asks for the tunnel, with its credentials, then speaks TLS with the server", async () => {
    const server = await listenTls();
    const { asked, proxy } = await proxyThat(() => "HTTP/1.1 200 Yes\r\nvia: x\r\n\r\n", server.port);
    const socket = (await attempt(server, { proxy, alpnProtocol: "h2" })) as TLSSocket;
    expect(socket).toMatchObject({ authorized: true, alpnProtocol: "h2" });
    expect(asked).toEqual([
      `CONNECT 127.0.0.1:${server.port} HTTP/1.1\r\nhost: 127.0.0.1:${server.port}\r\nproxy-authorization: Basic ${btoa("me:s3cret")}\r\n\r\n`,
    ]);
  });

  test("the server's name is verified all the same", async () => {
    const server = await listenTls();
    const { proxy } = await proxyThat(() => "HTTP/1.1 200 Yes\r\n\r\n", server.port);
    expect(await attempt({ ...server, servername: "api.push.apple.com" }, { proxy })).toMatchObject(
      failure(false, /altnames/),
    );
  });

  test.each([
    ["407", "HTTP/1.1 407 Proxy Authentication Required\r\n\r\n", failure(false, /refused the tunnel.*407 Proxy Auth/)],
    ["403", "HTTP/1.1 403 Forbidden\r\n\r\n", failure(false, /403 Forbidden/)],
    ["429", "HTTP/1.1 429 Too Many Requests\r\n\r\n", failure(true, /429 Too Many/)],
    ["408", "HTTP/1.0 408 Request Timeout\r\n\r\n", failure(true, /408 Request/)],
    ["502", "HTTP/1.1 502 Bad Gateway\r\n\r\n", failure(true, /502 Bad Gateway/)],
    ["control characters", "HTTP/1.1 403 No\x1b[31m\r\n\r\n", failure(false, /403 No\?\[31m/)],
    ["garbage", "SSH-2.0-OpenSSH_9\r\n\r\n", failure(false, /did not answer as an HTTP proxy does/)],
    ["garbage without end", "x".repeat(20_000), failure(false, /did not answer as an HTTP proxy does/)],
    ["nothing", "", failure(true, /no tunnel from the proxy within 500 ms/)],
    ["half an answer", "HTTP/1.1 200 Yes\r\n", failure(true, /no tunnel from the proxy within 500 ms/)],
  ])("that answers %s is named in the error, without the password", async (_, answer, expected) => {
    const { proxy } = await proxyThat(() => answer);
    const error = (await attempt({ port: 9 }, { proxy, timeoutMs: 500 })) as ConnectError;
    expect(error).toMatchObject(expected);
    expect(error.message).not.toContain("s3cret");
  });

  test("that closes, or does not listen, is named in the error", async () => {
    const closing = await listen(createTcpServer((socket) => socket.end()));
    const proxy = parseProxy(`http://127.0.0.1:${closing.port}`);
    expect(await attempt({ port: 9 }, { proxy })).toMatchObject(failure(true, /^proxy 127\.0\.0\.1.*closed/));
    await cleanUps.pop()!();
    expect(await attempt({ port: 9 }, { proxy })).toMatchObject(failure(true, /^proxy 127\.0\.0\.1.*nobody listens/));
  });
});

describe("a TLS identity", () => {
  test("is read from PEM or from bytes", async () => {
    const { client, ca } = await testIdentities();
    const bytes = (text: string) => new TextEncoder().encode(text);
    expect(readTlsIdentity({ ...client, ca })).toBeDefined();
    expect(readTlsIdentity({ cert: bytes(client.cert), key: bytes(client.key), ca: [bytes(ca)] })).toBeDefined();
  });

  test("that cannot be used is an error without its content", async () => {
    const { client } = await testIdentities();
    const key = "-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----";
    const reading = (): unknown => readTlsIdentity({ cert: client.cert, key });
    expect(reading).toThrow(expect.objectContaining({ code: "ERR_APNS_CREDENTIALS" }) as Error);
    expect(reading).not.toThrow(/c2VjcmV0/);
  });

  test.each([
    [
      "a path for a certificate",
      { cert: "./push.pem" },
      /^cert: is neither PEM nor DER; .* content of the file, .* readFile/,
    ],
    ["a path for a key", { key: "/etc/push.key" }, /^key: is neither PEM nor DER; /],
    ["a path for a CA", { ca: ["ca.pem"] }, /^ca: is neither PEM nor DER; /],
    [
      "a certificate in DER that is cut short",
      { cert: Uint8Array.of(0x30, 0x82, 0, 0) },
      /^cert: is neither PEM nor DER; .* readIdentity of @apns\/credentials/,
    ],
    ["a path for a .p12", { pfx: "push.p12" as unknown as Uint8Array }, /^pfx: is not the content of a \.p12 file; /],
    ["bytes that are no .p12", { pfx: Uint8Array.of(1, 2, 3) }, /^pfx: is not the content of a \.p12 file; /],
  ])("with %s names the field and the fix", async (_, wrong, message) => {
    const { client } = await testIdentities();
    const identity = "pfx" in wrong ? wrong : { ...client, ...wrong };
    expect(() => readTlsIdentity(identity)).toThrow(
      expect.objectContaining({ code: "ERR_APNS_CREDENTIALS", message: expect.stringMatching(message) }) as Error,
    );
  });

  test("with a wrong passphrase, or another's key, says so", async () => {
    const { client, server } = await testIdentities();
    expect(() => readTlsIdentity({ cert: client.cert, key: server.key })).toThrow(/^key: is not the key of this cert;/);
    const locked = createPrivateKey(client.key).export({
      type: "pkcs8",
      format: "pem",
      cipher: "aes-256-cbc",
      passphrase: "right",
    }) as string;
    expect(() => readTlsIdentity({ cert: client.cert, key: locked, passphrase: "wrong" })).toThrow(
      /^passphrase: does not open the key\./,
    );
    expect(() => readTlsIdentity({ cert: client.cert, key: locked })).toThrow(
      /^passphrase: is missing; the key is encrypted\./,
    );
  });

  test("whose numbers are longer than its modulus is not taken: each handshake would last for half a minute", async () => {
    const { client } = await testIdentities();
    const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 1024 });
    const root = parseTree(privateKey.export({ type: "pkcs1", format: "der" }));
    Object.assign(root.children![6]!, { content: Buffer.alloc(4000, 0x41), children: undefined });
    const key = `-----BEGIN RSA PRIVATE KEY-----\n${serializeTree(root).toString("base64")}\n-----END RSA PRIVATE KEY-----\n`;
    expect(() => readTlsIdentity({ cert: client.cert, key }, "auth.")).toThrow(
      expect.objectContaining({
        code: "ERR_APNS_CREDENTIALS",
        field: "auth.key",
        message: "auth.key: is a private key, but damaged; copy it again, unchanged.",
      }) as Error,
    );
  });

  test("of a .p12 that OpenSSL 3 refuses, says who reads it", () => {
    const fixture = new URL("../../credentials/test/fixtures/rc2-40.p12", import.meta.url);
    expect(() => readTlsIdentity({ pfx: readFileSync(fixture), passphrase: "secret" })).toThrow(
      /Unsupported PKCS12 PFX data\. The \.p12 is encrypted .*: readIdentity of @apns\/credentials reads it\.$/,
    );
  });
});

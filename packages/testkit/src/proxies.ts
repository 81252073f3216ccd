import { connect, createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { testIdentities } from "./identities.js";

/** A proxy on 127.0.0.1 that tunnels to any host, by way of this machine. */
export interface TestProxy {
  readonly port: number;
  /** Each tunnel asked for: protocol, credentials if there were any, and target as it was named. */
  readonly asked: string[];
  close(): Promise<void>;
}

export interface TestProxyOptions {
  /** `user:password` to insist on; SOCKS4a looks at the user only. */
  readonly credentials?: string;
  /** Refuses every tunnel with this SOCKS reply code. */
  readonly replyCode?: number;
  /** Sends its answers byte by byte. */
  readonly slowly?: boolean;
}

type Kind = "http" | "https" | "socks5" | "socks4a";

/** Reads exactly so many bytes. */
type Read = (bytes: number) => Promise<Buffer>;

export async function startProxy(kind: Kind, options: TestProxyOptions = {}): Promise<TestProxy> {
  const asked: string[] = [];
  const sockets = new Set<Socket>();
  const serve = (socket: Socket): void => {
    sockets.add(socket.on("error", () => {}));
    const answer = async (bytes: Buffer): Promise<void> => {
      const pieces = options.slowly ? [...bytes].map((byte) => Buffer.of(byte)) : [bytes];
      for (const piece of pieces) {
        socket.write(piece);
        if (options.slowly) await new Promise((resolve) => setTimeout(resolve, 1));
      }
    };
    const negotiate = { http, https: http, socks5, socks4a }[kind];
    negotiate(reader(socket), answer, options, asked).then(
      (port) => {
        if (port === undefined) {
          socket.end();
          return;
        }
        const onward = connect(port, "127.0.0.1");
        sockets.add(onward.on("error", () => socket.destroy()));
        socket.pipe(onward).pipe(socket);
      },
      () => socket.destroy(),
    );
  };
  const server: Server =
    kind === "https" ? createTlsServer((await testIdentities()).server, serve) : createServer(serve);
  server.on("tlsClientError", () => {});
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as { port: number }).port,
    asked,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function reader(socket: Socket): Read {
  return async (bytes) => {
    for (;;) {
      const read = socket.read(bytes) as Buffer | null;
      if (read !== null && read.length === bytes) return read;
      await new Promise((resolve, reject) => {
        socket.once("readable", resolve);
        socket.once("close", reject);
      });
    }
  };
}

type Negotiate = (
  read: Read,
  answer: (bytes: Buffer) => Promise<void>,
  options: TestProxyOptions,
  asked: string[],
) => Promise<number | undefined>;

const http: Negotiate = async (read, answer, { credentials }, asked) => {
  let head = "";
  while (!head.endsWith("\r\n\r\n")) {
    head += (await read(1)).toString("latin1");
    // TLS in place of HTTP.
    if (!head.startsWith("C")) {
      await answer(Buffer.from("HTTP/1.1 400 Bad Request\r\n\r\n"));
      return undefined;
    }
  }
  const [, host = "", port = ""] = /^CONNECT (\S+):(\d+) HTTP\/1\.1\r\n/.exec(head) ?? [];
  const basic = /^proxy-authorization: Basic (.*)\r$/m.exec(head)?.[1];
  const given = basic === undefined ? undefined : Buffer.from(basic, "base64").toString();
  asked.push(["connect", ...(given === undefined ? [] : [given]), `${host}:${port}`].join(" "));
  const isWelcome = credentials === undefined || given === credentials;
  // Lines that end with LF only.
  await answer(Buffer.from(isWelcome ? "HTTP/1.1 200 Yes\nvia: test\n\n" : "HTTP/1.1 407 Authenticate\n\n"));
  return isWelcome ? Number(port) : undefined;
};

const socks5: Negotiate = async (read, answer, { credentials, replyCode = 0 }, asked) => {
  const [, count = 0] = await read(2);
  const methods = await read(count);
  const method = credentials === undefined ? 0 : 2;
  await answer(Buffer.from([5, methods.includes(method) ? method : 0xff]));
  let given: string | undefined;
  if (method === 2) {
    const user = (await read((await read(2))[1]!)).toString();
    given = `${user}:${(await read((await read(1))[0]!)).toString()}`;
    await answer(Buffer.from([1, given === credentials ? 0 : 1]));
    if (given !== credentials) return undefined;
  }
  const [, , , addressType] = await read(4);
  const addressBytes = addressType === 1 ? 4 : addressType === 4 ? 16 : (await read(1))[0]!;
  const address = await read(addressBytes);
  const host = addressType === 3 ? address.toString() : addressType === 1 ? address.join(".") : address.toString("hex");
  const port = (await read(2)).readUInt16BE();
  asked.push(["socks5", ...(given === undefined ? [] : [given]), `${host}:${port}`].join(" "));
  // The address of the far side: a name, whose length must be read.
  await answer(Buffer.from([5, replyCode, 0, 3, 4, ...Buffer.from("here"), 0, 0]));
  return replyCode === 0 ? port : undefined;
};

const socks4a: Negotiate = async (read, answer, { credentials, replyCode = 90 }, asked) => {
  const head = await read(8);
  const text = async (): Promise<string> => {
    let characters = "";
    for (let byte = await read(1); byte[0] !== 0; byte = await read(1)) characters += byte.toString("latin1");
    return characters;
  };
  const user = await text();
  const hasName = head.readUInt32BE(4) < 256;
  const host = hasName ? await text() : head.subarray(4).join(".");
  const port = head.readUInt16BE(2);
  asked.push(["socks4a", ...(user === "" ? [] : [user]), `${host}:${port}`].join(" "));
  const code = credentials === undefined || credentials === user ? replyCode : 93;
  await answer(Buffer.from([0, code, 0, 0, 0, 0, 0, 0]));
  return code === 90 ? port : undefined;
};

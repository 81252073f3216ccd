// Independent judges over real sockets on loopback: node:http2 both ways, curl, h2load, nghttpd, nginx.
import { type ChildProcess, execFile, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect as connectHttp2, createSecureServer, type IncomingHttpHeaders } from "node:http2";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { ClientConnection, ServerConnection, SettingId } from "../src/index.ts";
import { connect, drive, identity, listen } from "./support/drive.ts";

const run = promisify(execFile);
const token = "0123456789abcdef".repeat(4);
const payload = Buffer.from('{"aps":{"alert":"hello"}}');
const fixtures = fileURLToPath(new URL("./fixtures/", import.meta.url));

/** Why a program cannot be used here, or undefined; a skip is said aloud. */
function missing(program: string, args: string[], demand = /./): string | undefined {
  const probe = spawnSync(program, args, { encoding: "utf8" });
  if (probe.error === undefined && demand.test(probe.stdout + probe.stderr)) return undefined;
  const reason = `SKIPPED: ${program} is ${probe.error === undefined ? "built without HTTP/2" : "not installed"}`;
  process.stderr.write(`${reason}\n`);
  return reason;
}

interface Answer {
  httpStatus: number;
  headers: Record<string, string>;
  body: string;
}

/** `count` requests through our client, as many at once as the peer allows; answers by request. */
async function push(
  port: number,
  count: number,
  path = token,
  body: Uint8Array = payload,
  plain = false,
): Promise<Answer[]> {
  const socket = await connect(port, plain);
  const answers: Answer[] = [];
  try {
    await new Promise<void>((resolve, reject) => {
      const waiting = Array.from({ length: count }, (_, index) => count - 1 - index);
      let done = 0;
      const client: ClientConnection<number> = new ClientConnection<number>(
        {},
        {
          onResponse: (context, httpStatus, headers, octets) => {
            answers[context] = {
              httpStatus,
              headers: Object.fromEntries(headers),
              body: Buffer.from(octets).toString(),
            };
            if (++done === count) resolve();
            else more();
          },
          // A peer that lowers its limit may refuse what is under way: that is safe to send again, nothing else is.
          onRequestFailed: (context, failure) =>
            failure.processed === "no" ? waiting.push(context) : reject(failure.error),
          onConnectionError: reject,
          onCapacity: () => more(),
        },
      );
      const template = client.createTemplate({
        fields: [
          { name: ":method", value: "POST" },
          { name: ":scheme", value: plain ? "http" : "https" },
          { name: ":authority", value: "localhost" },
          { name: "authorization", value: `bearer ${"x".repeat(200)}` },
          { name: "apns-topic", value: "com.example.app" },
        ],
        pathPrefix: path.startsWith("/") ? "/" : "/3/device/",
        variable: "apns-id",
      });
      const more = (): void => {
        for (let next = waiting.at(-1); next !== undefined; next = waiting.at(-1)) {
          if (client.request(template, path.replace(/^\//, ""), `id-${next}`, body, next) === 0) return;
          waiting.pop();
        }
      };
      more();
      drive(client, socket);
    });
  } finally {
    socket.destroy();
  }
  return answers;
}

/** Our server: echoes `apns-id` and the length of the body. */
function serve(socket: Parameters<typeof drive>[1]): void {
  const server: ServerConnection = new ServerConnection(
    {},
    {
      onRequest: (streamId, headers, body) => {
        if (headers.get(":path") === "/bad") {
          server.respondFields(
            streamId,
            [
              [":status", "400"],
              ["apns-id", "bad"],
            ],
            Buffer.from('{"reason":"BadDeviceToken"}'),
          );
        } else server.respond(streamId, template, headers.get("apns-id") ?? String(body.length));
      },
    },
  );
  const template = server.createTemplate({ fields: [{ name: ":status", value: "200" }], variables: ["apns-id"] });
  drive(server, socket);
}

/** Starts a program that serves on a free port; the port answers when this returns. */
async function start(
  program: string,
  args: (port: number) => string[],
  plain = false,
): Promise<{ port: number; stop: () => Promise<void> }> {
  const port = await new Promise<number>((resolve) => {
    const probe = createServer().listen(0, "127.0.0.1", () => {
      const { port: free } = probe.address() as AddressInfo;
      probe.close(() => resolve(free));
    });
  });
  const child: ChildProcess = spawn(program, args(port), { stdio: "ignore" });
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  for (let attempt = 0; ; attempt++) {
    try {
      (await connect(port, plain)).destroy();
      break;
    } catch (error) {
      if (attempt === 100) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
  return {
    port,
    stop: () => {
      child.kill();
      return ended;
    },
  };
}

describe("our client", () => {
  it("pushes to node:http2 over TLS: 3,000 requests, bodies, errors, SETTINGS changing under way", async () => {
    const server = createSecureServer({
      ...identity,
      settings: { maxConcurrentStreams: 50, headerTableSize: 100, initialWindowSize: 70_000 },
    });
    let seen = 0;
    server.on("stream", (stream, headers: IncomingHttpHeaders) => {
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on("end", () => {
        if (++seen === 500) stream.session?.settings({ maxConcurrentStreams: 7, headerTableSize: 0 });
        if (seen === 1500) stream.session?.settings({ maxConcurrentStreams: 100, headerTableSize: 4096 });
        const ok =
          Buffer.concat(chunks).equals(payload) &&
          headers["apns-topic"] === "com.example.app" &&
          headers[":path"] === `/3/device/${token}`;
        stream.respond({
          ":status": ok ? 200 : 400,
          "apns-id": headers["apns-id"],
          "x-seen": `${"é".repeat(seen % 9)}`,
        });
        stream.end(ok ? undefined : '{"reason":"BadDeviceToken"}');
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    try {
      const answers = await push(port, 3000);
      expect(answers.map(({ httpStatus }) => httpStatus)).toEqual(new Array(3000).fill(200));
      expect(answers.map(({ headers }) => headers["apns-id"])).toEqual(
        Array.from({ length: 3000 }, (_, i) => `id-${i}`),
      );
      const [bad] = await push(port, 1, token, Buffer.alloc(200_000, 0x61));
      expect(bad).toMatchObject({ httpStatus: 400, body: '{"reason":"BadDeviceToken"}' });
    } finally {
      await new Promise((resolve) => server.close(resolve));
    }
  });

  it.skipIf(missing("nghttpd", ["--version"]))("pushes to nghttpd", async () => {
    const folder = mkdtempSync(join(tmpdir(), "h2-nghttpd-"));
    writeFileSync(join(folder, "ok"), "fine");
    const { port, stop } = await start("nghttpd", (free) => [
      "-a",
      "127.0.0.1",
      "-d",
      folder,
      String(free),
      `${fixtures}key.pem`,
      `${fixtures}certificate.pem`,
    ]);
    try {
      const answers = await push(port, 2000, "/ok");
      expect(answers.map(({ httpStatus, body }) => `${httpStatus} ${body}`)).toEqual(new Array(2000).fill("200 fine"));
      expect((await push(port, 1, "/missing"))[0]!.httpStatus).toBe(404);
    } finally {
      await stop();
      rmSync(folder, { recursive: true });
    }
  });

  it.skipIf(missing("nginx", ["-V"], /http_v2_module/))("pushes to nginx", async () => {
    const folder = mkdtempSync(join(tmpdir(), "h2-nginx-"));
    const { port, stop } = await start("nginx", (free) => {
      writeFileSync(
        join(folder, "nginx.conf"),
        `daemon off; master_process off; pid ${folder}/pid; error_log ${folder}/error.log;
         events { worker_connections 64; }
         http { access_log off; client_body_temp_path ${folder}/b; proxy_temp_path ${folder}/p; fastcgi_temp_path ${folder}/f;
           uwsgi_temp_path ${folder}/u; scgi_temp_path ${folder}/s; keepalive_requests 100000;
           server { listen 127.0.0.1:${free} ssl http2; ssl_certificate "${fixtures}certificate.pem";
             ssl_certificate_key "${fixtures}key.pem"; location / { return 200 "fine"; } location /bad { return 400 "bad"; } } }`,
      );
      return ["-c", join(folder, "nginx.conf"), "-p", folder];
    });
    try {
      const answers = await push(port, 2000);
      expect(answers.map(({ httpStatus, body }) => `${httpStatus} ${body}`)).toEqual(new Array(2000).fill("200 fine"));
      expect(answers[0]!.headers["server"]).toMatch(/^nginx/);
      expect((await push(port, 1, "/bad"))[0]).toMatchObject({ httpStatus: 400, body: "bad" });
    } finally {
      await stop();
      rmSync(folder, { recursive: true });
    }
  });
});

describe("our server", () => {
  it("answers our own client over TLS", async () => {
    const { port, close } = await listen(serve);
    try {
      const answers = await push(port, 5000);
      expect(answers.map(({ headers }) => headers["apns-id"])).toEqual(
        Array.from({ length: 5000 }, (_, i) => `id-${i}`),
      );
    } finally {
      await close();
    }
  });

  it("answers node:http2 over TLS", async () => {
    const { port, close } = await listen(serve);
    const session = connectHttp2(`https://localhost:${port}`, {
      ca: identity.cert,
      lookup: (_, options, done) =>
        done(null, options.all ? [{ address: "127.0.0.1", family: 4 }] : ("127.0.0.1" as never), 4),
    });
    try {
      const ask = (path: string, body: Buffer): Promise<[number, string, string]> =>
        new Promise((resolve, reject) => {
          const stream = session.request({ ":method": "POST", ":path": path });
          let status: [number, string] = [0, ""];
          let text = "";
          stream.on("response", (headers) => {
            status = [Number(headers[":status"]), String(headers["apns-id"])];
          });
          stream.setEncoding("utf8").on("data", (chunk: string) => {
            text += chunk;
          });
          stream.on("end", () => resolve([...status, text])).on("error", reject);
          stream.end(body);
        });
      const answers = await Promise.all(
        Array.from({ length: 300 }, (_, i) => ask("/3/device/x", Buffer.alloc(i * 10))),
      );
      expect(answers).toEqual(Array.from({ length: 300 }, (_, i) => [200, String(i * 10), ""]));
      expect(await ask("/bad", payload)).toEqual([400, "bad", '{"reason":"BadDeviceToken"}']);
      expect(session.remoteSettings).toMatchObject({ maxConcurrentStreams: 1000, maxHeaderListSize: 16_384 });
    } finally {
      session.destroy();
      await close();
    }
  });

  it("tells node:http2 about GOAWAY with debug data, and SETTINGS at any time", async () => {
    const { port, close } = await listen((socket) => {
      const server: ServerConnection = new ServerConnection(
        {},
        {
          onRequest: (streamId) => {
            server.updateSettings([[SettingId.MAX_CONCURRENT_STREAMS, 1]], 0);
            server.respondFields(streamId, [[":status", "200"]]);
            server.goAway(0, Buffer.from('{"reason":"Shutdown"}'));
          },
        },
      );
      drive(server, socket);
    });
    const session = connectHttp2(`https://localhost:${port}`, {
      ca: identity.cert,
      lookup: (_, options, done) =>
        done(null, options.all ? [{ address: "127.0.0.1", family: 4 }] : ("127.0.0.1" as never), 4),
    });
    try {
      const goAway = new Promise<unknown[]>((resolve) =>
        session.once("goaway", (code, last, data) => resolve([code, last, Buffer.from(data ?? []).toString()])),
      );
      session
        .request({ ":path": "/" })
        .on("error", () => {})
        .resume();
      expect(await goAway).toEqual([0, 1, '{"reason":"Shutdown"}']);
      expect(session.remoteSettings.maxConcurrentStreams).toBe(1);
    } finally {
      session.destroy();
      await close();
    }
  });

  it.skipIf(missing("curl", ["--version"], /HTTP2/))("answers curl --http2", async () => {
    const { port, close } = await listen(serve);
    try {
      const args = [
        "-s",
        "-i",
        "--max-time",
        "10",
        "--http2",
        "--cacert",
        `${fixtures}certificate.pem`,
        "-d",
        "hello",
        `https://127.0.0.1:${port}`,
      ];
      expect((await run("curl", args)).stdout).toBe("HTTP/2 200 \r\napns-id: 5\r\n\r\n");
      args[args.length - 1] += "/bad";
      expect((await run("curl", args)).stdout).toBe('HTTP/2 400 \r\napns-id: bad\r\n\r\n{"reason":"BadDeviceToken"}');
    } finally {
      await close();
    }
  });

  it.skipIf(missing("h2load", ["--version"]))("answers h2load", async () => {
    const { port, close } = await listen(serve);
    const folder = mkdtempSync(join(tmpdir(), "h2-h2load-"));
    writeFileSync(join(folder, "body"), payload);
    try {
      const { stdout } = await run("h2load", [
        "-n",
        "20000",
        "-c",
        "2",
        "-m",
        "100",
        "-d",
        join(folder, "body"),
        `https://127.0.0.1:${port}/3/device/x`,
      ]);
      expect(stdout).toContain(
        "20000 total, 20000 started, 20000 done, 20000 succeeded, 0 failed, 0 errored, 0 timeout",
      );
    } finally {
      rmSync(folder, { recursive: true });
      await close();
    }
  });
});

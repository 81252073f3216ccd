// The servers that contenders push to: our fast sink, nginx and nghttpd.
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "node:tls";
import type { PemIdentity } from "@apns/credentials";
import { has, pinned, sinkCore, startScript } from "../processes.js";
import { allDeviceTokens, deviceToken, type SinkCalls } from "./setting.js";

export interface Server {
  readonly port: number;
  /** CPU seconds used so far, where the server can tell. */
  cpuSeconds(): Promise<number | undefined>;
  stop(): Promise<void>;
}

export interface ServerKind {
  readonly name: "fast sink" | "nginx" | "nghttpd";
  readonly isAvailable: boolean;
  /** nghttpd keeps a file open that is requested again. h2load requests one path only, so the others must, too. */
  readonly deviceTokens: number;
  start(identity: PemIdentity): Promise<Server>;
}

async function startFastSink(identity: PemIdentity): Promise<Server> {
  const child = startScript<SinkCalls>(new URL("sink.js", import.meta.url), sinkCore);
  const port = await child.call("listen", identity);
  return { port, cpuSeconds: () => child.call("cpuSeconds"), stop: () => child.end() };
}

/** Starts a program that reads its certificate and configuration from a folder, and waits until it answers. */
async function startProgram(
  identity: PemIdentity,
  prepare: (folder: string, port: number) => readonly string[],
): Promise<Server> {
  const folder = mkdtempSync(join(tmpdir(), "apns-bench-"));
  writeFileSync(join(folder, "cert.pem"), identity.cert);
  writeFileSync(join(folder, "key.pem"), identity.key);
  const port = await freePort();
  const [program, args] = pinned(sinkCore, prepare(folder, port));
  const child = spawn(program, args, { stdio: "ignore" });
  await answers(child, port);
  const stop = async (): Promise<void> => {
    child.kill();
    await new Promise((resolve) => child.once("exit", resolve));
    rmSync(folder, { recursive: true, force: true });
  };
  return { port, cpuSeconds: async () => undefined, stop };
}

function nginx(folder: string, port: number): string[] {
  mkdirSync(join(folder, "www"));
  const config = `
daemon off; master_process off; pid ${folder}/nginx.pid; error_log /dev/null;
events { worker_connections 1024; }
http {
  access_log off; client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi; uwsgi_temp_path ${folder}/uwsgi; scgi_temp_path ${folder}/scgi;
  keepalive_requests 100000000; http2_max_concurrent_streams 1000;
  server {
    listen 127.0.0.1:${port} ssl http2;
    ssl_certificate ${folder}/cert.pem; ssl_certificate_key ${folder}/key.pem; ssl_protocols TLSv1.3;
    location / { add_header apns-id 07C0F2E2-7CE0-71EC-D0D6-E7089220F778; return 200; }
  }
}`;
  writeFileSync(join(folder, "nginx.conf"), config);
  return ["nginx", "-c", join(folder, "nginx.conf"), "-p", folder];
}

function nghttpd(folder: string, port: number): string[] {
  const devices = join(folder, "www", "3", "device");
  mkdirSync(devices, { recursive: true });
  // nghttpd serves files, and answers 404 with a page where there is none: so the device token is an empty file.
  writeFileSync(join(devices, deviceToken(0)), "");
  const options = ["-m", "1000", "-w", "30", "-W", "30", "-a", "127.0.0.1", "-d", join(folder, "www")];
  return ["nghttpd", ...options, String(port), join(folder, "key.pem"), join(folder, "cert.pem")];
}

export const serverKinds: readonly ServerKind[] = [
  { name: "fast sink", isAvailable: true, deviceTokens: allDeviceTokens, start: startFastSink },
  {
    name: "nginx",
    isAvailable: has("nginx"),
    deviceTokens: allDeviceTokens,
    start: (identity) => startProgram(identity, nginx),
  },
  {
    name: "nghttpd",
    isAvailable: has("nghttpd"),
    deviceTokens: 1,
    start: (identity) => startProgram(identity, nghttpd),
  },
];

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function answers(child: ChildProcess, port: number): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt++) {
    if (child.exitCode !== null) throw new Error(`a server of the bench ended with exit code ${child.exitCode}`);
    const ok = await new Promise<boolean>((resolve) => {
      const socket = connect({ port, host: "127.0.0.1", ALPNProtocols: ["h2"], rejectUnauthorized: false });
      socket.once("secureConnect", () => resolve(true));
      socket.once("error", () => resolve(false));
      socket.once("close", () => resolve(false));
    }).finally(() => {});
    if (ok) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error("a server of the bench does not answer");
}

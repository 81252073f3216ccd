import { createSecureServer } from "node:http2";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { describe, expect, onTestFinished, test } from "vitest";
import { apns } from "./apns.js";
import { type Apple, startApple } from "./simulator.js";

interface Check {
  readonly id: string;
  readonly status: string;
  readonly finding: string;
  readonly fix?: string;
}

async function examine(
  { folder }: Apple,
  ...args: string[]
): Promise<{ code: number | null; by: Record<string, Check> }> {
  // Named, so that it may say where credentials of the command line go.
  const env = { APNS_CONFIG: "apns.json" };
  const { code, stdout, stderr } = await apns(["doctor", "--json", "--timeout", "30", ...args], { cwd: folder, env });
  expect(stderr).toBe("");
  const { ok, checks } = JSON.parse(stdout) as { ok: boolean; checks: Check[] };
  expect(ok).toBe(code === 0);
  for (const check of checks) expect(check.fix !== undefined, check.id).toBe(check.status === "failed");
  return { code, by: Object.fromEntries(checks.map((check) => [check.id, check])) };
}

/** A server of the test's own, on a port of its own; the port. */
async function listening(server: Server): Promise<number> {
  // Whoever hangs up on us is no failure of the test.
  server.on("connection", (socket: Socket) => socket.on("error", () => {}));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

/** Statuses by check. */
function statuses(by: Record<string, Check>): Record<string, string> {
  return Object.fromEntries(Object.entries(by).map(([id, { status }]) => [id, status]));
}

describe("apns doctor", { timeout: 60_000 }, () => {
  test("finds nothing wrong with the simulator, by key", async () => {
    const apple = await startApple();
    const { code, by } = await examine(apple);
    const port = apple.simulator.http2.port;
    expect(code).toBe(0);
    expect(statuses(by)).toEqual({
      key: "passed",
      proxy: "passed",
      dns: "passed",
      [`tcp-${port}`]: "passed",
      tls: "passed",
      chain: "passed",
      root: "passed",
      alpn: "passed",
      "provider-token": "passed",
      clock: "passed",
      "legacy-host": "skipped",
    });
    expect(by["provider-token"]!.finding).toBe(
      "accepted for com.example.App: APNs went on to the all-zero device token, and refused that (BadDeviceToken)",
    );
  });

  test("finds nothing wrong with the simulator, by certificate, whose environment and topic it compares", async () => {
    const apple = await startApple();
    const { code, by } = await examine(apple, "--cert", "push.pem");
    expect(code).toBe(0);
    expect(by).toMatchObject({
      certificate: { status: "passed" },
      "certificate-environment": { status: "passed", finding: "covers production" },
      "certificate-topic": { status: "passed", finding: "covers com.example.App" },
      "push-certificate": { status: "passed" },
      clock: { status: "skipped" },
    });
  });

  test("finds nothing wrong with the gateway", async () => {
    const { code, by } = await examine(await startApple(), "--transport", "binary");
    expect(code).toBe(0);
    expect(by["gateway"]).toMatchObject({ status: "passed", finding: expect.stringContaining("status 8") });
    expect(by["alpn"]).toBeUndefined();
  });

  test("for people, has a line a check, and says how it ends", async () => {
    const { folder } = await startApple();
    const sound = await apns(["doctor"], { cwd: folder });
    expect(sound.stdout).toMatch(/^passed {3}key: a signing key/);
    expect(sound.stdout).toMatch(/\nskipped {2}legacy-host: this is a server of your own\n/);
    expect(sound.stdout).toMatch(/\n\nNothing stands in the way of a push\.\n$/);
    const ill = await apns(["doctor", "--key-id", "OTHER12345"], { cwd: folder });
    expect(ill.code).toBe(3);
    expect(ill.stdout).toMatch(/\nfailed {3}provider-token: refused: 403 InvalidProviderToken\n {9}fix: .*\n/);
    expect(ill.stdout).toMatch(/\n\n1 of \d+ failed\.\n$/);
  });

  test("finds a name that does not exist", async () => {
    const { code, by } = await examine(await startApple(), "--host", "nowhere.invalid");
    expect(code).toBe(3);
    expect(by).toMatchObject({
      dns: { status: "failed", finding: expect.stringContaining("nowhere.invalid cannot be resolved") },
      tcp: { status: "skipped" },
      tls: { status: "skipped" },
      push: { status: "skipped" },
    });
  });

  test("finds a port on which nobody listens", async () => {
    const { by } = await examine(await startApple(), "--port", "1");
    expect(by).toMatchObject({
      dns: { status: "passed" },
      "tcp-1": { status: "failed", fix: "nobody listens there: start the server, or correct --host and --port" },
      tls: { status: "skipped" },
    });
  });

  test("finds a server that is not to be trusted, says who it is, and sends it no credentials", async () => {
    const apple = await startApple();
    const other = await startApple();
    const { by } = await examine(apple, "--ca", `${other.folder}/ca.pem`);
    expect(by).toMatchObject({
      tls: { status: "passed" },
      chain: {
        status: "failed",
        finding: expect.stringContaining("issued by APNs Simulator Authority, is not to be trusted"),
        fix: "give the authority of this server by --ca",
      },
      push: { status: "skipped" },
    });
    expect(apple.simulator.stats().http2.received).toBe(0);
  });

  test("finds a name that the server's certificate does not bear", async () => {
    const apple = await startApple();
    const { cert, key } = await apple.simulator.authority.issueServer({ hosts: ["other.example"] });
    const port = await listening(createTlsServer({ cert, key, ALPNProtocols: ["h2"] }));
    const { by } = await examine(apple, "--port", String(port));
    expect(by["chain"]).toMatchObject({ status: "failed", fix: "the certificate is not for 127.0.0.1: check --host" });
  });

  test("finds a port that speaks no TLS", async () => {
    const port = await listening(createServer((socket) => socket.end("220 hello\r\n")));
    const { by } = await examine(await startApple(), "--port", String(port));
    expect(by["tls"]).toMatchObject({ status: "failed", fix: expect.stringContaining("does not speak TLS") });
  });

  test("finds a server that does not speak HTTP/2", async () => {
    const apple = await startApple();
    const { cert, key } = await apple.simulator.authority.issueServer({ hosts: ["127.0.0.1"] });
    const port = await listening(createTlsServer({ cert, key }));
    const { by } = await examine(apple, "--port", String(port));
    expect(by["alpn"]).toMatchObject({ status: "failed", finding: "the server chose no protocol, not h2" });
    expect(by["push"]).toMatchObject({ status: "skipped" });
  });

  test("finds a clock that is off", async () => {
    const apple = await startApple();
    const { cert, key } = await apple.simulator.authority.issueServer({ hosts: ["127.0.0.1"] });
    const server = createSecureServer({ cert, key });
    server.on("stream", (stream) => {
      stream.respond({ ":status": 400, date: new Date(Date.now() - 3_600_000).toUTCString() });
      stream.end('{"reason":"BadDeviceToken"}');
    });
    const { code, by } = await examine(apple, "--port", String(await listening(server)));
    expect(code).toBe(3);
    expect(by["clock"]!.finding).toMatch(/: 3[56]\d\d s ahead$/);
    expect(by["clock"]!.fix).toContain("set the clock (NTP)");
  });

  test("finds a topic the credentials do not cover", async () => {
    const apple = await startApple();
    const byCertificate = await examine(apple, "--cert", "push.pem", "--topic", "com.example.Other");
    expect(byCertificate.by["certificate-topic"]).toMatchObject({
      status: "failed",
      finding: expect.stringContaining("but not com.example.Other"),
    });
    const byKey = await examine(apple, "--topic", "com.example.Other");
    expect(byKey.by["provider-token"]!.status).toBe("failed");
    expect(byKey.by["provider-token"]!.fix).toMatch(/topic/);
  });

  test("finds a certificate of the other environment, also by what the server does", async () => {
    const apple = await startApple();
    const { cert, key } = await apple.simulator.authority.issuePushCertificate({
      bundleId: "com.example.App",
      teamId: "TEAM123456",
      environments: ["development"],
    });
    apple.write("development.pem", cert + key);
    const { by } = await examine(apple, "--cert", "development.pem");
    expect(by["certificate-environment"]).toMatchObject({
      status: "failed",
      finding: "covers development, but this is production",
      fix: "use --environment development, or a certificate for production",
    });
    expect(by["push-certificate"]).toMatchObject({
      status: "failed",
      fix: "the certificate is for the other environment: change --environment, or the certificate",
    });
  });

  test("finds a certificate that has expired, and looks at the network nevertheless", async () => {
    const apple = await startApple();
    const { cert, key } = await apple.simulator.authority.issuePushCertificate({
      bundleId: "com.example.App",
      teamId: "TEAM123456",
      environments: ["production"],
      notBefore: new Date("2020-01-01"),
      notAfter: new Date("2021-01-01"),
    });
    apple.write("old.pem", cert + key);
    const { by } = await examine(apple, "--cert", "old.pem");
    expect(by["credentials"]).toEqual({
      id: "credentials",
      status: "failed",
      finding: "the certificate in --cert: old.pem expired at 2021-01-01T00:00:00.000Z",
      fix: expect.stringMatching(/^make a new one in Apple's portal/),
    });
    expect(by["tls"]!.status).toBe("passed");
  });

  test("finds a key that is not there, and looks at the network nevertheless", async () => {
    const { code, by } = await examine(await startApple(), "--key", "gone.p8");
    expect(code).toBe(3);
    expect(by["credentials"]).toMatchObject({ status: "failed", finding: "--key: there is no file gone.p8" });
    expect(by["tls"]!.status).toBe("passed");
  });

  test("finds a key that is, by its name, another one", async () => {
    const apple = await startApple();
    apple.write("AuthKey_ABC123DEFG.p8", apple.simulator.credentials.signingKey);
    const { by } = await examine(apple, "--key", "AuthKey_ABC123DEFG.p8");
    expect(by["key"]).toMatchObject({
      status: "failed",
      fix: "give --key-id ABC123DEFG, or the file of the other key",
    });
  });

  test("says that there are no credentials, and what to give", async () => {
    const apple = await startApple();
    apple.write("bare.json", JSON.stringify({ host: "127.0.0.1", port: apple.simulator.http2.port, ca: "ca.pem" }));
    const { by } = await examine(apple, "--config", "bare.json");
    expect(by["credentials"]).toMatchObject({ status: "failed", fix: expect.stringContaining("--key") });
    expect(by["provider-token"] ?? by["push-certificate"]).toMatchObject({ status: "skipped" });
  });

  test("finds a proxy that is not there", async () => {
    const { by } = await examine(await startApple(), "--proxy", "http://127.0.0.1:1");
    expect(by["proxy"]).toMatchObject({ status: "failed", finding: "127.0.0.1:1: ECONNREFUSED" });
    expect(by["dns"]).toMatchObject({ status: "skipped" });
  });
});

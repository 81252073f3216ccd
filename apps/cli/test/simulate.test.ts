import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "node:tls";
import { createCertificateRequest, readCertificates } from "@apns/credentials";
import { describe, expect, onTestFinished, test } from "vitest";
import { apns, apnsOnTerminal, apnsProcess, hasTerminal, main, type Result, shows } from "./apns.js";
import { apnsInProcess } from "./in-process.js";
import { screenOf } from "./screen.js";

const known = "ab".repeat(32);

function emptyFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "apns-cli-simulate-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** A simulator in a folder `sim`, that lives until the test ends it. */
class Running {
  readonly child: ChildProcess;
  stdout = "";

  constructor(cwd: string, args: readonly string[]) {
    this.child = spawn(process.execPath, [main, "simulate", "--dir", "sim", ...args], { cwd });
    this.child.stdout!.setEncoding("utf8").on("data", (text: string) => {
      this.stdout += text;
    });
    onTestFinished(() => void this.child.kill("SIGKILL"));
  }

  async until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      if (this.child.exitCode !== null) throw new Error(`ended early: ${this.stdout}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  async end(): Promise<number | null> {
    const closed = new Promise<number | null>((resolve) => this.child.once("close", resolve));
    this.child.kill("SIGINT");
    return closed;
  }

  get records(): Record<string, unknown>[] {
    return this.stdout
      .split("\n")
      .slice(0, -1)
      .map((line) => JSON.parse(line));
  }
}

describe("apns simulate", { timeout: 60_000 }, () => {
  test("takes what is sent by the apns.json it wrote, over both wires, and says so as NDJSON", async () => {
    const cwd = emptyFolder();
    const simulator = new Running(cwd, ["--json", "--device", known]);
    await simulator.until(() => simulator.stdout.includes("\n"));
    expect(simulator.records[0]).toMatchObject({
      kind: "listening",
      http2: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
      config: "sim/apns.json",
    });
    const send = (...more: string[]) =>
      apnsProcess(["send", "--config", "sim/apns.json", "--body", "x", ...more], { cwd });
    expect((await send(known)).code).toBe(0);
    expect((await send("--transport", "binary", known)).code).toBe(0);
    expect((await send("cdcd")).code).toBe(1);
    expect((await apnsProcess(["channels", "list", "--config", "sim/apns.json"], { cwd })).code).toBe(0);
    expect((await apnsProcess(["feedback", "--config", "sim/apns.json"], { cwd })).code).toBe(0);
    expect((await apnsProcess(["doctor", "--config", "sim/apns.json"], { cwd })).code).toBe(0);

    expect(await simulator.end()).toBe(0);
    const received = simulator.records.filter(({ kind, deviceToken }) => kind === "received" && deviceToken !== "");
    expect(received.map(({ wire, deviceToken }) => [wire, deviceToken]).slice(0, 3)).toEqual([
      ["http2", known],
      ["binary", known],
      ["http2", "cdcd"],
    ]);
    expect(received[2]).toMatchObject({ verdict: { kind: "rejected", reason: "BadDeviceToken" } });
    expect(simulator.records.at(-1)).toMatchObject({ kind: "ended", dropped: 0 });
    // apns.json goes with it, so that nothing takes it for one that runs.
    expect((await send(known)).code).toBe(2);
    expect(readdirSync(join(cwd, "sim")).filter((name) => /^\.apns-simulator[-.]lock|apns\.json$/.test(name))).toEqual(
      [],
    );
  });

  test("opens its control API if it is asked to", async () => {
    const cwd = emptyFolder();
    const simulator = new Running(cwd, ["--json", "--control-port", "0"]);
    await simulator.until(() => simulator.stdout.includes("\n"));
    const { control } = simulator.records[0] as { control: string };
    const answer = await fetch(`${control}/v1/apps`);
    expect(await answer.json()).toMatchObject({ apps: [{ bundleId: "com.example.App" }] });
    const headers = { "content-type": "application/json" };
    const registered = JSON.stringify({ deviceTokens: [known] });
    await fetch(`${control}/v1/device-tokens`, { method: "POST", headers, body: registered });
    expect((await apns(["send", "--config", "sim/apns.json", "--body", "x", known], { cwd })).code).toBe(0);
    const received = (await (await fetch(`${control}/v1/received`)).json()) as { total: number };
    expect(received).toMatchObject({ total: 1, notifications: [{ deviceToken: known, wire: "http2" }] });
    expect(await simulator.end()).toBe(0);
  });

  test("leaves to chance what its seed says", async () => {
    const refusedWith = async (seed: string): Promise<string[]> => {
      const cwd = emptyFolder();
      const simulator = new Running(cwd, ["--json", "--control-port", "0", "--accept-unknown", "--seed", seed]);
      await simulator.until(() => simulator.stdout.includes("\n"));
      const { control } = simulator.records[0] as { control: string };
      const fault = { type: "reject", reason: "BadDeviceToken", share: 0.5 };
      const headers = { "content-type": "application/json" };
      await fetch(`${control}/v1/faults`, { method: "POST", headers, body: JSON.stringify(fault) });
      const list = Array.from({ length: 40 }, (_, index) => `${index}`.padStart(64, "0"));
      writeFileSync(join(cwd, "list.txt"), list.join("\n"));
      const one = ["--connections", "1"];
      await apns(["send", "--config", "sim/apns.json", "--body", "x", "--to", "list.txt", ...one], { cwd });
      expect(await simulator.end()).toBe(0);
      return simulator.records
        .filter(({ kind, verdict }) => kind === "received" && (verdict as { kind: string }).kind === "rejected")
        .map(({ deviceToken }) => deviceToken as string);
    };
    const [first, again, other] = [await refusedWith("7"), await refusedWith("7"), await refusedWith("8")];
    expect(first.length).toBeGreaterThan(0);
    expect(again).toEqual(first);
    expect(other).not.toEqual(first);
  });

  test("signs a request that is put into its folder, as Apple's portal would", async () => {
    const cwd = emptyFolder();
    const simulator = new Running(cwd, []);
    await simulator.until(() => existsSync(join(cwd, "sim/apns.json")));
    const { csr } = await createCertificateRequest({ emailAddress: "jane@example.com", commonName: "Jane" });
    writeFileSync(join(cwd, "sim/push.csr"), csr);
    writeFileSync(join(cwd, "sim/bad.csr"), "nonsense");
    await simulator.until(() => simulator.stdout.includes("push.cer") && simulator.stdout.includes("bad.csr"));
    expect(simulator.stdout).toContain("signed sim/push.csr: the certificate is sim/push.cer\n");
    expect(simulator.stdout).toMatch(/sim\/bad\.csr could not be signed: /);
    expect(readCertificates(readFileSync(join(cwd, "sim/push.cer")))).toHaveLength(1);
    await simulator.end();
  });

  test("replaces what a simulator has written, and nothing else: not in a folder of the user's either", async () => {
    const cwd = emptyFolder();
    const files = (): Record<string, string> =>
      Object.fromEntries(readdirSync(cwd).map((name) => [name, readFileSync(join(cwd, name), "latin1")]));
    const simulate = () => apnsInProcess(["simulate", "--dir", "."], { cwd, endsAfter: /listening/ });
    writeFileSync(join(cwd, "README.md"), "mine");
    writeFileSync(join(cwd, "apns.json"), "{}");
    const refused = await simulate();
    expect(refused).toMatchObject({ code: 2, stdout: "" });
    expect(refused.stderr).toBe(
      "apns: --dir: README.md, apns.json in . was not written by a simulator, or changed since, and is not replaced; give it a folder of its own, such as --dir apns-simulator\n",
    );
    expect(files()).toEqual({ "README.md": "mine", "apns.json": "{}" });

    rmSync(join(cwd, "README.md"));
    rmSync(join(cwd, "apns.json"));
    expect((await simulate()).code).toBe(0);
    const first = files();
    expect((await simulate()).code).toBe(0);
    expect(files()["client.pem"]).not.toBe(first["client.pem"]);
    writeFileSync(join(cwd, "ca.pem"), "changed");
    expect((await simulate()).stderr).toContain("--dir: ca.pem in . was not written by a simulator, or changed since");
    expect(files()["ca.pem"]).toBe("changed");
  });

  test("takes over the folder of a simulator that was killed, and not that of one that runs", async () => {
    const cwd = emptyFolder();
    const running = new Running(cwd, []);
    await running.until(() => existsSync(join(cwd, "sim/apns.json")));
    const config = readFileSync(join(cwd, "sim/apns.json"), "utf8");
    const second = await apnsInProcess(["simulate", "--dir", "sim"], { cwd, endsAfter: /listening/ });
    expect(second.code).toBe(2);
    expect(second.stderr).toBe(
      `apns: --dir: a simulator runs in sim already, with process id ${running.child.pid}: end it, or give another folder (if that process is none, remove sim/.apns-simulator.lock)\n`,
    );
    expect(readFileSync(join(cwd, "sim/apns.json"), "utf8")).toBe(config);

    running.child.kill("SIGKILL");
    await once(running.child, "exit");
    const third = await apnsInProcess(["simulate", "--dir", "sim"], { cwd, endsAfter: /listening/ });
    expect(third).toMatchObject({ code: 0, stderr: "" });
    expect(existsSync(join(cwd, "sim/apns.json"))).toBe(false);
  });

  test("ends, and cleans up, when the reader of stdout has closed it", async () => {
    const cwd = emptyFolder();
    const { code, stderr } = await apns(["simulate", "--dir", "sim", "--json", "--accept-unknown"], {
      cwd,
      onStart: async (child) => {
        await once(child.stdout!, "data");
        child.stdout!.destroy();
        await apns(["send", "--config", "sim/apns.json", "--body", "x", known], { cwd });
      },
    });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(existsSync(join(cwd, "sim/apns.json"))).toBe(false);
  });

  test("keeps its secrets from others on the machine", async () => {
    const cwd = emptyFolder();
    const simulator = new Running(cwd, []);
    await simulator.until(() => existsSync(join(cwd, "sim/apns.json")));
    for (const name of ["", "AuthKey_KEY1234567.p8", "client.pem", "client.p12"]) {
      expect(statSync(join(cwd, "sim", name)).mode & 0o077).toBe(0);
    }
    await simulator.end();
  });

  test.skipIf(!hasTerminal).each([
    { columns: 60, rows: 10 },
    { columns: 80, rows: 24 },
    { columns: 200, rows: 50 },
  ])("on a terminal of %j, has a live table that is drawn over itself and leaves one behind", async (size) => {
    const cwd = emptyFolder();
    // C1's own way to begin what ESC [ begins; JSON takes it as it is, and ESC it does not.
    const alert = `\u009b31mred 日本語 ${"long ".repeat(60)}`;
    writeFileSync(join(cwd, "evil.json"), JSON.stringify({ aps: { alert } }));
    const tokens = Array.from({ length: 30 }, (_, index) => `${index}`.padStart(64, "ab"));
    let sent: Result | undefined;
    const { code, stdout } = await apnsOnTerminal(["simulate", "--dir", "sim", "--accept-unknown"], {
      cwd,
      size,
      onStart: async (child) => {
        await shows(child, /0 arrived/);
        const some = shows(child, /\b10 arrived/);
        const all = shows(child, /\b40 arrived/);
        const send = (list: readonly string[]) =>
          apns(["send", "--config", "sim/apns.json", "--payload", "evil.json", ...list], { cwd });
        sent = await send(tokens.slice(0, 10));
        if (sent.code === 0) await some;
        sent = await send(tokens);
        if (sent.code === 0) await all;
        // Ctrl-C, as a terminal sends it to whoever runs on it.
        child.stdin!.write("\u0003");
      },
      keepStdinOpen: true,
    });
    expect(sent).toMatchObject({ code: 0, stderr: "" });
    expect(code).toBe(0);
    // The text of others steers nothing: all sequences are the table's own.
    expect(stdout).not.toContain("\u001b[31mred");
    const screen = screenOf(stdout, size);
    const table = screen.slice(screen.findIndex((line) => line.startsWith("at  ")));
    expect(screen.filter((line) => line.startsWith("at  "))).toHaveLength(1);
    const rows = table.slice(1, table.indexOf("40 arrived"));
    expect(rows).toHaveLength(Math.min(12, size.rows - 4));
    for (const row of rows) expect(row).toMatch(/^[\d:.]{12} {2}http2 {2}abababab….{7} {2}accepted {2}\{/);
    expect(table.slice(rows.length + 2).join("")).toBe(
      "HTTP/2: 40 accepted, 0 rejected; binary: 0 accepted, 0 rejected",
    );
  });

  test.skipIf(!hasTerminal)("on a terminal, switches faults by keys, and gives the terminal back", async () => {
    const cwd = emptyFolder();
    const size = { columns: 80, rows: 30 };
    const results: (number | null)[] = [];
    const { code, stdout } = await apnsOnTerminal(["simulate", "--dir", "sim", "--device", known], {
      cwd,
      size,
      keepStdinOpen: true,
      onStart: async (child) => {
        const send = async (): Promise<void> => {
          results.push((await apns(["send", "--config", "sim/apns.json", "--body", "x", known], { cwd })).code);
        };
        await shows(child, /no fault is on \(keys 1 to 6/);
        const help = shows(child, /0 {2}all faults of keys off/);
        child.stdin!.write("?");
        await help;
        const on = shows(child, /on: refuse the next one: BadDeviceToken \(keys/);
        child.stdin!.write("1");
        await on;
        await send();
        await send();
        const both = shows(child, /on: refuse every fifth: ServiceUnavailable; answer a second late \(/);
        child.stdin!.write("23");
        await both;
        const off = shows(child, /no fault is on/);
        child.stdin!.write("0");
        await off;
        await send();
        child.stdin!.write("q");
      },
    });
    expect({ code, results }).toEqual({ code: 0, results: [1, 0, 0] });
    const screen = screenOf(stdout, size);
    expect(screen.slice(-3)).toEqual([
      "3 arrived",
      "HTTP/2: 2 accepted, 1 rejected; binary: 0 accepted, 0 rejected",
      "",
    ]);
    expect(screen.filter((line) => line.includes("fault is on"))).toEqual([]);
  });

  test("knows a list of devices, has faults from the start, and speaks old TLS, if it is told to", async () => {
    const cwd = emptyFolder();
    const tokens = Array.from({ length: 25_000 }, (_, index) => index.toString(16).padStart(64, "0"));
    writeFileSync(join(cwd, "list.csv"), `name,token\n${tokens.map((token) => `x,${token}`).join("\n")}\n`);
    const fault = JSON.stringify({ type: "reject", reason: "BadTopic", deviceToken: tokens[7] });
    const args = ["--json", "--devices", "list.csv", "--fault", fault, "--legacy-tls"];
    const simulator = new Running(cwd, args);
    await simulator.until(() => simulator.stdout.includes("\n"));
    const send = (...list: string[]) =>
      apns(["send", "--config", "sim/apns.json", "--json", "--body", "x", ...list], { cwd });
    const { stdout } = await send(tokens[0]!, tokens.at(-1)!, tokens[7]!, "ff".repeat(32));
    const outcomes = stdout
      .trim()
      .split("\n")
      .slice(0, -1)
      .map((line) => JSON.parse(line));
    expect(outcomes.map(({ line, kind, reason }) => [line, reason ?? kind]).sort()).toEqual([
      [1, "accepted"],
      [2, "accepted"],
      [3, "BadTopic"],
      [4, "BadDeviceToken"],
    ]);
    const { gateway } = simulator.records[0] as { gateway: string };
    const [host, port] = gateway.split(":");
    const pem = readFileSync(join(cwd, "sim/client.pem"));
    const old = { minVersion: "TLSv1", maxVersion: "TLSv1", ciphers: "DEFAULT:@SECLEVEL=0" } as const;
    const socket = connect({ host, port: Number(port), rejectUnauthorized: false, cert: pem, key: pem, ...old });
    await once(socket, "secureConnect");
    expect(socket.getProtocol()).toBe("TLSv1");
    socket.destroy();
    expect(await simulator.end()).toBe(0);
  });

  test("says that a port is taken, with exit code 3", async () => {
    const cwd = emptyFolder();
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    const { code, stderr } = await apnsInProcess(["simulate", "--dir", "sim", "--port", String(port)], { cwd });
    expect(code).toBe(3);
    expect(stderr).toMatch(new RegExp(`^apns: .*${port}.*in use`));
    expect(existsSync(join(cwd, "sim"))).toBe(false);
  });

  test.each([
    [["--device", "xyz"], "deviceToken: "],
    [["--host", "nowhere.example"], "--host: "],
    [["--fault", "[]"], "--fault takes a fault as JSON, such as "],
    [["--fault", "nonsense"], "--fault: "],
    [["--devices", "none"], "--devices: there is no file none"],
    [["--dir", "/dev/null/sim"], "--dir: /dev/null/sim leads through something that is no folder"],
  ])("refuses %j with exit code 2, and ends", async (args, message) => {
    const { code, stderr } = await apnsInProcess(["simulate", ...args], { cwd: emptyFolder() });
    expect(code).toBe(2);
    expect(stderr).toContain(`apns: ${message}`);
  });
});

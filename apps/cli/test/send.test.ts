import { describe, expect, test } from "vitest";
import { apns } from "./apns.js";
import { apnsInProcess } from "./in-process.js";
import { startApple, tokenOf } from "./simulator.js";

const known = "ab".repeat(32);
const unknown = "cd".repeat(32);

describe("apns send", { timeout: 60_000 }, () => {
  test.each(["http2", "binary"] as const)("sends over %s with what apns.json says", async (transport) => {
    const { simulator, folder } = await startApple();
    simulator.world.register(known);
    const { code, stdout, stderr } = await apns(
      ["send", "--transport", transport, "--title", "Hello", "--body", "World", "--badge", "3", known],
      { cwd: folder },
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(
      transport === "binary" ? /^accepted {2}(ab){32}\n$/ : /^accepted {2}(ab){32} {2}apns-id .{36}\n$/,
    );
    const received = [...simulator.received].filter(({ deviceToken }) => deviceToken === known);
    expect(received).toHaveLength(1);
    expect(received[0]).toMatchObject({ wire: transport, topic: "com.example.App", verdict: { kind: "accepted" } });
    expect(JSON.parse(received[0]!.payload)).toEqual({
      aps: { alert: { title: "Hello", body: "World" }, badge: 3 },
    });
  });

  test("sends everything that can be said about delivery", async () => {
    const { simulator, folder } = await startApple();
    simulator.world.register(known);
    const apnsId = "01234567-89ab-cdef-0123-456789abcdef";
    const delivery = [
      "--priority",
      "5",
      "--expiration",
      "2033-05-18T03:33:20Z",
      "--collapse-id",
      "c1",
      "--apns-id",
      apnsId,
    ];
    const { code } = await apns(["send", ...delivery, "--content-available", "--custom", "id=7", known], {
      cwd: folder,
    });
    expect(code).toBe(0);
    expect(simulator.received.at(-1)).toMatchObject({
      pushType: "background",
      priority: 5,
      expiration: 2_000_000_000,
      collapseId: "c1",
      apnsId,
      payload: '{"aps":{"content-available":1},"id":7}',
    });
  });

  test("says what was rejected and why, with exit code 1", async () => {
    const { simulator, folder } = await startApple();
    simulator.world.register(known);
    const { code, stdout } = await apns(["send", "--body", "x", known, unknown], { cwd: folder });
    expect(code).toBe(1);
    expect(stdout).toContain(`accepted  ${known}`);
    expect(stdout).toMatch(/rejected {2}(cd){32} {2}BadDeviceToken: .* the other environment\.\n/);
    expect(stdout).toMatch(/│ accepted +│ +1 │/);
    expect(stdout).toMatch(/│ {3}BadDeviceToken +│ +1 │/);
  });

  test("with --json, prints outcomes and a summary, a JSON object a line", async () => {
    const { simulator, folder } = await startApple();
    simulator.world.register(known);
    const { code, stdout } = await apns(["send", "--json", "--body", "x", known, unknown, "xyz"], { cwd: folder });
    expect(code).toBe(1);
    const records = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(records).toHaveLength(4);
    const by = Object.fromEntries(records.map((record) => [record.kind, record]));
    expect(by["accepted"]).toMatchObject({ line: 1, deviceToken: known, attempts: 1 });
    expect(by["rejected"]).toMatchObject({ line: 2, reason: "BadDeviceToken", httpStatus: 400, dropToken: false });
    expect(by["invalid"]).toMatchObject({ line: 3, message: expect.stringContaining("deviceToken") });
    expect(by["summary"]).toMatchObject({ accepted: 1, rejected: 1, invalid: 1, unsent: 0, interrupted: false });
  });

  test("sends with a certificate where an option names one and the file names a key", async () => {
    const { simulator, folder } = await startApple();
    simulator.world.register(known);
    const { code } = await apns(["send", "--config", "apns.json", "--cert", "push.pem", "--body", "x", known], {
      cwd: folder,
    });
    expect(code).toBe(0);
    expect(simulator.stats().http2.accepted).toBe(1);
  });

  test("takes credentials from the environment, the key as text", async () => {
    const { simulator, folder } = await startApple();
    simulator.world.register(known);
    const { credentials, http2 } = simulator;
    const env = {
      APNS_HOST: http2.host,
      APNS_PORT: String(http2.port),
      APNS_CA: `${folder}/ca.pem`,
      APNS_KEY: credentials.signingKey,
      APNS_KEY_ID: credentials.keyId,
      APNS_TEAM_ID: credentials.teamId,
      APNS_TOPIC: credentials.topic,
    };
    expect(await apns(["send", "--body", "x", known], { env, cwd: "/" })).toMatchObject({ code: 0, stderr: "" });
  });

  test("says that credentials are refused with exit code 3, and never shows them", async () => {
    const { simulator, folder } = await startApple();
    simulator.world.register(known);
    const { code, stdout, stderr } = await apns(["send", "--key-id", "OTHER12345", "--body", "x", known], {
      cwd: folder,
    });
    expect(code).toBe(3);
    expect(stdout).toContain(`rejected  ${known}  InvalidProviderToken: `);
    const secret = simulator.credentials.signingKey.split("\n")[1]!;
    expect(stdout + stderr).not.toContain(secret.slice(0, 20));
  });

  test("says that nobody answers, with exit code 3, without trying each device", async () => {
    const { folder } = await startApple();
    const args = ["send", "--port", "1", "--body", "x", known, unknown];
    const { code, stdout, stderr } = await apns(args, { cwd: folder });
    expect({ code, stdout }).toEqual({ code: 3, stdout: "" });
    expect(stderr).toContain("127.0.0.1:1");
    expect(stderr).toContain("nobody listens there; check host and port");
  });

  test.each([
    [[], "to whom? Give device tokens as arguments, or a list by --to FILE (- is stdin)"],
    [["--to", "x", known], "give device tokens as arguments or by --to, not both"],
    [["--to", "/nonexistent"], "--to: there is no file /nonexistent"],
    [["--resume", known], "--resume needs --out: the file of the run to go on with"],
    [["--hex", known], "--hex belongs to --dry-run"],
    [["--format", "simple", known], "--format is about --transport binary"],
    [["--apns-id", "x", known, unknown], "--apns-id is the id of one notification"],
    [["--transport", "binary", "--collapse-id", "c", known], "--collapse-id does not exist on the legacy wire"],
    [["--transport", "binary", "--apns-id", "x", known], "--apns-id does not exist on the legacy wire"],
    [
      ["--transport", "binary", "--priority", "5", known],
      "--priority 5 would be lost: format enhanced means 10. Add --format framed",
    ],
    [["--priority", "7", known], '--priority takes 10 (at once), 5 (considerate of the battery) or 1 (least), not "7"'],
    [["--expiration", "soon", known], "--expiration takes once, default, a time from now such as 8h, or an ISO date"],
    [["--collapse-id", "c".repeat(65), known], "--collapse-id: 65 bytes are more than the 64 APNs allows."],
    [["--key", "k", "--p12", "p", known], "--key and --p12 are two ways to authenticate: give one of them"],
    [["--port", "http", known], '--port takes a port from 1 to 65535, not "http"'],
    [["--passphrase", "secret", known], "unknown option '--passphrase'"],
  ])("refuses %j with exit code 2, naming option, problem and fix", async (args, message) => {
    const { folder } = await startApple();
    const { code, stdout, stderr } = await apns(["send", "--body", "x", ...args], { cwd: folder });
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(`apns: ${message}`);
    expect(stderr.trim().split("\n")).toHaveLength(1);
  });

  test("assumes neither environment nor credentials", async () => {
    expect((await apns(["send", "--body", "x", known], { cwd: "/" })).stderr).toBe(
      "apns: where to? Give --environment production or development, or --host for a server of your own (apns simulate starts one)\n",
    );
    const { code, stderr } = await apns(["send", "--environment", "production", "--body", "x", known], { cwd: "/" });
    expect(code).toBe(3);
    expect(stderr).toContain("apns: no credentials: give --key with --key-id and --team-id, or a certificate");
  });
});

describe("lists", { timeout: 60_000 }, () => {
  const sent = async (list: string, args: readonly string[], name = "list.txt") => {
    const { simulator, folder, write } = await startApple({ unknownDeviceTokens: "accept" });
    write(name, list);
    const result = await apns(["send", "--json", "--to", name, ...args], { cwd: folder });
    const records = result.stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    const received = [...simulator.received].map(({ deviceToken, payload }) => [deviceToken, JSON.parse(payload)]);
    return { ...result, records, received: Object.fromEntries(received) };
  };

  test("plain ones may have comments, blank lines and device tokens as apps log them", async () => {
    const list = `# who asked for it\n\n${tokenOf(1)}\n<${"AB".repeat(16)} ${"ab".repeat(16)}>\r\nnonsense`;
    const { code, received, records } = await sent(list, ["--body", "x"]);
    expect(code).toBe(1);
    expect(Object.keys(received).sort()).toEqual([tokenOf(1), known].sort());
    expect(records.find(({ kind }) => kind === "invalid")).toMatchObject({ line: 5 });
  });

  test("CSV has merge fields, quoted if need be, and lines that do not fit are said", async () => {
    const list = `name,deviceToken,count\n"Smith, ""Jo""",${tokenOf(1)},2\nToo,${tokenOf(2)}\nAda,${tokenOf(3)},1\n`;
    const args = ["--body", "Dear {{name}}, {{ count }} new", "--custom", "count={{count}}"];
    const { code, received, records } = await sent(list, args, "list.csv");
    expect(code).toBe(1);
    expect(received).toEqual({
      [tokenOf(1)]: { aps: { alert: { body: 'Dear Smith, "Jo", 2 new' } }, count: "2" },
      [tokenOf(3)]: { aps: { alert: { body: "Dear Ada, 1 new" } }, count: "1" },
    });
    expect(records.find(({ kind }) => kind === "invalid")).toEqual({
      line: 3,
      kind: "invalid",
      message: "has 2 values, but there are 3 columns",
    });
  });

  test("end with the meaning of each reason, and what to do about it", async () => {
    const { simulator, folder, write } = await startApple({ unknownDeviceTokens: "accept" });
    const reasons = ["BadDeviceToken", "BadDeviceToken", "Unregistered", "TooManyRequests", "BadTopic"] as const;
    for (const [index, reason] of reasons.entries()) {
      simulator.faults.add({ type: "reject", reason, deviceToken: tokenOf(index) });
    }
    write("list.txt", reasons.map((_, index) => tokenOf(index)).join("\n"));
    const args = ["send", "--to", "list.txt", "--body", "x", "--retries", "0"];
    const { code, stdout } = await apns(args, { cwd: folder });
    expect(code).toBe(1);
    const advice = stdout.split("\n").filter((line) => /^\w+: /.test(line));
    expect(advice[0]).toBe(
      "BadDeviceToken: The device token is malformed or belongs to the other environment. Most are of the other environment: apps from Xcode get theirs from development, all others from production.",
    );
    expect(advice.slice(1).sort()).toEqual([
      "BadTopic: The topic is malformed or not valid. Once that is mended, --resume sends them.",
      "TooManyRequests: Too many notifications in a row for this device token or channel. --resume sends them again.",
      "Unregistered: The device token is no longer active for the topic. Forget these device tokens.",
    ]);
    expect(stdout).not.toMatch(/BadDeviceToken.*[Ff]orget/);
  });

  test("with --rate, wait for their turn, and Ctrl-C does not", async () => {
    const { simulator, folder, write } = await startApple({ unknownDeviceTokens: "accept" });
    write("list.txt", [1, 2, 3].map(tokenOf).join("\n"));
    const args = ["send", "--to", "list.txt", "--body", "x", "--json", "--rate"];
    expect((await apns([...args, "1000"], { cwd: folder })).code).toBe(0);
    expect(simulator.received.length).toBe(3);
    // The second one's turn is in a hundred seconds.
    const slow = await apnsInProcess([...args, "0.01"], { cwd: folder, endsAfter: /accepted/ });
    expect(slow.code).toBe(130);
    expect(JSON.parse(slow.stdout.trim().split("\n").at(-1)!)).toMatchObject({
      accepted: 1,
      unsent: 0,
      unconfirmed: 0,
    });
    expect(simulator.received.length).toBe(4);
  });

  test("say to people why the first line was not sent", async () => {
    const { folder, write } = await startApple({ unknownDeviceTokens: "accept" });
    write("list.csv", `name,deviceToken\nAda,${tokenOf(1)}\nBob,${tokenOf(2)}\n`);
    const { code, stdout } = await apns(["send", "--to", "list.csv", "--body", "Dear {{nmae}}"], { cwd: folder });
    expect(code).toBe(1);
    expect(stdout).toMatch(/│ invalid lines +│ +2 │/);
    expect(stdout).toContain('\ninvalid, first line 2: has no field "nmae", which the payload asks for\n');
  });

  test("NDJSON lines may have a payload, fields and a delivery of their own", async () => {
    const list = [
      { deviceToken: tokenOf(1), payload: { aps: { badge: 5 }, own: true } },
      { deviceToken: tokenOf(2), count: 7, collapseId: "mine" },
      { deviceToken: tokenOf(3) },
      { token: tokenOf(4) },
    ];
    const text = list.map((line) => JSON.stringify(line)).join("\n");
    const args = ["--body", "Hi", "--aps", "badge={{count}}"];
    const { received, records } = await sent(text, args, "list.ndjson");
    expect(received).toEqual({
      [tokenOf(1)]: { aps: { alert: { body: "Hi" }, badge: 5 }, own: true },
      [tokenOf(2)]: { aps: { alert: { body: "Hi" }, badge: 7 } },
    });
    expect(records.filter(({ kind }) => kind === "invalid")).toEqual([
      {
        line: 3,
        kind: "invalid",
        deviceToken: tokenOf(3),
        message: 'has no field "count", which the payload asks for',
      },
      { line: 4, kind: "invalid", message: 'has no text "deviceToken"' },
    ]);
  });

  test("need a payload from somewhere", async () => {
    const { folder, write } = await startApple({ unknownDeviceTokens: "accept" });
    write("list.txt", tokenOf(1));
    expect(await apns(["send", "--to", "list.txt"], { cwd: folder })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("there is nothing to say"),
    });
    const { received, records } = await sent(
      `{"deviceToken":"${tokenOf(1)}"}\n{"deviceToken":"${tokenOf(2)}","payload":{"a":1}}`,
      [],
      "list.ndjson",
    );
    expect(received).toEqual({ [tokenOf(2)]: { a: 1 } });
    expect(records.find(({ kind }) => kind === "invalid")).toMatchObject({ line: 1, message: 'has no "payload"' });
  });

  test("may hold lines that no transport would take: those are invalid, and the others are sent", async () => {
    const { code, records } = await sent(
      `{"deviceToken":"${tokenOf(1)}","apnsId":"x"}\n{"deviceToken":"${tokenOf(2)}"}\n{"deviceToken":"${tokenOf(3)}","priority":7}`,
      ["--body", "x"],
      "list.ndjson",
    );
    expect(code).toBe(1);
    const kinds = records.map(({ line, kind }) => [line, kind]).filter(([line]) => line !== undefined);
    expect(kinds.sort()).toEqual([
      [1, "invalid"],
      [2, "accepted"],
      [3, "invalid"],
    ]);
  });

  test("are read from stdin, their kind found out by the first line", async () => {
    const { simulator, folder } = await startApple({ unknownDeviceTokens: "accept" });
    const stdin = `deviceToken,x\n${tokenOf(9)},1\n`;
    const { code } = await apns(["send", "--to", "-", "--body", "{{x}}"], { cwd: folder, stdin });
    expect(code).toBe(0);
    expect(simulator.received.at(-1)?.deviceToken).toBe(tokenOf(9));
  });

  test("without the column of device tokens are refused before anything is sent", async () => {
    const { simulator, folder, write } = await startApple({ unknownDeviceTokens: "accept" });
    write("list.csv", "name,age\nA,1\n");
    const { code, stderr } = await apns(["send", "--to", "list.csv", "--body", "x"], { cwd: folder });
    expect(code).toBe(2);
    expect(stderr).toBe(
      'apns: the list has no column deviceToken; its first line must name the columns, and names "name", "age"\n',
    );
    expect(simulator.received.length).toBe(0);
  });
});

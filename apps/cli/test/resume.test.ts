import { once } from "node:events";
import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { apns, main, type Result, runProgram } from "./apns.js";
import { count, records, sendList, slowApple, summary } from "./long-list.js";
import { type Apple, startApple, tokenOf } from "./simulator.js";

const args = sendList;

/** Runs until outcomes are being written, then ends it by this signal. */
async function interrupted({ folder }: Apple, signal: NodeJS.Signals): Promise<Result> {
  const out = join(folder, "run.ndjson");
  return apns(args, {
    cwd: folder,
    onStart: async (child) => {
      const exited = once(child, "exit");
      while (!existsSync(out) || statSync(out).size < 200_000) {
        const ended = await Promise.race([exited.then(() => true), new Promise((resolve) => setTimeout(resolve, 10))]);
        if (ended === true) return;
      }
      child.kill(signal);
    },
  });
}

describe("apns send --resume", { timeout: 120_000 }, () => {
  test("after Ctrl-C, sends exactly what was not sent", async () => {
    const apple = await slowApple();
    const first = await interrupted(apple, "SIGINT");
    expect(first.code).toBe(130);
    expect(first.stderr).toContain("apns: stopping; what is in flight settles first");
    expect(first.stderr).toContain("The rest of the list was not sent; --out and --resume go on with it.");
    const sent = apple.timesAccepted.size;
    expect(sent).toBeGreaterThan(1000);
    expect(sent).toBeLessThan(count);
    expect(records(apple).filter(({ kind }) => kind === "accepted")).toHaveLength(sent);

    const second = await apns([...args, "--resume", "--json"], { cwd: apple.folder });
    expect(second.code).toBe(0);
    expect(summary(second)).toMatchObject({ accepted: count - sent, alreadyDone: sent, leftInDoubt: 0 });
    expect(apple.timesAccepted.size).toBe(count);
    expect([...apple.timesAccepted.values()].every((times) => times === 1)).toBe(true);
  });

  test("after kill -9, sends nothing twice, and says what is in doubt; that is sent again only if asked for", async () => {
    const apple = await slowApple();
    expect((await interrupted(apple, "SIGKILL")).code).toBe(null);

    const second = await apns([...args, "--resume", "--json"], { cwd: apple.folder });
    expect([...apple.timesAccepted.values()].every((times) => times === 1)).toBe(true);
    const { accepted, alreadyDone, leftInDoubt } = summary(second) as Record<string, number>;
    expect(accepted! + alreadyDone! + leftInDoubt!).toBe(count);
    expect(leftInDoubt).toBeGreaterThan(0);
    // At most those in flight, and the block of lines that was begun.
    expect(leftInDoubt).toBeLessThanOrEqual(4000);
    expect(records(apple).filter(({ code }) => code === "ERR_APNS_INTERRUPTED")).toHaveLength(leftInDoubt!);

    // Nothing is left but the doubt, however often it is resumed.
    const third = await apns([...args, "--resume", "--json"], { cwd: apple.folder });
    expect(summary(third)).toMatchObject({ accepted: 0, leftInDoubt });

    const fourth = await apns([...args, "--resume", "--resend-unconfirmed", "--json"], { cwd: apple.folder });
    expect(summary(fourth)).toMatchObject({ accepted: leftInDoubt, leftInDoubt: 0 });
    expect(apple.timesAccepted.size).toBe(count);
  });

  test("takes an outcome that was cut off for one that may have been sent", async () => {
    const { simulator, folder, write } = await startApple({ unknownDeviceTokens: "accept" });
    write("list.txt", [1, 2, 3, 4].map(tokenOf).join("\n"));
    write(
      "run.ndjson",
      `{"kind":"begun","from":1,"line":3}\n{"line":1,"kind":"accepted","deviceToken":"${tokenOf(1)}"}\n{"line":2,"ki`,
    );
    const resumed = await apns([...args, "--resume", "--json"], { cwd: folder });
    expect(summary(resumed)).toMatchObject({ accepted: 1, alreadyDone: 1, leftInDoubt: 2 });
    expect([...simulator.received].map(({ deviceToken }) => deviceToken)).toEqual([tokenOf(4)]);
  });

  test("leaves in doubt what was being sent again when that run was cut off, too", async () => {
    const { simulator, folder, write } = await startApple({ unknownDeviceTokens: "accept" });
    write("list.txt", [1, 2, 3, 4].map(tokenOf).join("\n"));
    const busy = (line: number): string =>
      JSON.stringify({
        line,
        kind: "rejected",
        deviceToken: tokenOf(line),
        reason: "ServiceUnavailable",
        httpStatus: 503,
      });
    const accepted = (line: number): string => JSON.stringify({ line, kind: "accepted", deviceToken: tokenOf(line) });
    write(
      "run.ndjson",
      [
        '{"kind":"begun","from":1,"line":1001}',
        busy(1),
        busy(2),
        busy(3),
        '{"kind":"ended","line":3}',
        // The second run: 1 was accepted, 2 refused again, and of 3 nothing was heard before the machine died.
        '{"kind":"begun","from":1,"line":1001}',
        accepted(1),
        `${busy(2)}\n`,
      ].join("\n"),
    );
    const third = await apns([...args, "--resume", "--json"], { cwd: folder });
    expect(summary(third)).toMatchObject({ accepted: 1, alreadyDone: 1, leftInDoubt: 2 });
    expect([...simulator.received].map(({ deviceToken }) => deviceToken)).toEqual([tokenOf(2)]);
  });

  test("sends again what was refused for a while or for the credentials, and not what was refused for good", async () => {
    const { simulator, folder, write } = await startApple({ unknownDeviceTokens: "accept" });
    write("list.txt", [1, 2, 3, 4].map(tokenOf).join("\n"));
    const outcome = (line: number, reason: string, httpStatus: number): string =>
      JSON.stringify({ line, kind: "rejected", deviceToken: tokenOf(line), reason, httpStatus });
    write(
      "run.ndjson",
      [
        outcome(1, "Unregistered", 410),
        outcome(2, "InvalidProviderToken", 403),
        outcome(3, "ServiceUnavailable", 503),
        outcome(4, "BadDeviceToken", 400),
        '{"kind":"ended","line":4}\n',
      ].join("\n"),
    );
    const { code } = await apns([...args, "--resume"], { cwd: folder });
    expect(code).toBe(0);
    expect([...simulator.received].map(({ deviceToken }) => deviceToken).sort()).toEqual([tokenOf(2), tokenOf(3)]);
  });

  test.each([
    ["the list is another one", "list", "--resume: line 2 of the list was another device token when the run began"],
    ["the file holds something else", "file", "--resume: line 1 of run.ndjson is no outcome"],
    ["there is no file", "missing", "--resume: there is no file run.ndjson to go on with"],
    ["the list is stdin", "stdin", "--resume needs the list as a file"],
  ])("refuses, sending nothing, when %s", async (_, what, message) => {
    const { simulator, folder, write } = await startApple({ unknownDeviceTokens: "accept" });
    write("list.txt", `${tokenOf(5)}\n${tokenOf(6)}\n`);
    if (what === "file") write("run.ndjson", '{"a":1}\n');
    else if (what !== "missing") write("run.ndjson", `{"line":2,"kind":"accepted","deviceToken":"${tokenOf(7)}"}\n`);
    const given = what === "stdin" ? args.map((arg) => (arg === "list.txt" ? "-" : arg)) : args;
    const { code, stderr } = await apns([...given, "--resume"], { cwd: folder, stdin: tokenOf(1) });
    expect({ code, received: simulator.received.length }).toEqual({ code: 2, received: 0 });
    expect(stderr).toContain(`apns: ${message}`);
  });

  test("leaves no file behind if nobody could be reached", async () => {
    const { folder, write } = await startApple();
    write("list.txt", tokenOf(1));
    expect((await apns([...args, "--port", "1"], { cwd: folder })).code).toBe(3);
    expect(existsSync(join(folder, "run.ndjson"))).toBe(false);
  });

  test("writes over no outcomes of an earlier run", async () => {
    const { folder, write } = await startApple();
    write("run.ndjson", "precious\n");
    write("list.txt", tokenOf(1));
    const { code, stderr } = await apns(args, { cwd: folder });
    expect(code).toBe(2);
    expect(stderr).toBe(
      "apns: --out: run.ndjson exists already. Add --resume to go on with that run, or name another file\n",
    );
    expect(readFileSync(join(folder, "run.ndjson"), "utf8")).toBe("precious\n");
  });
});

describe("apns send, when it goes wrong", { timeout: 120_000 }, () => {
  test("ends when the outcomes cannot be written any more, with the summary: what is missing is in doubt", async () => {
    const apple = await slowApple();
    // A file may have 64 blocks of 1024 bytes.
    const line = `ulimit -f 64; exec "${process.execPath}" "${main}" ${args.join(" ")}`;
    const { code, stdout, stderr } = await runProgram(["bash", "-c", line], { cwd: apple.folder });
    expect({ code, stdout }).toEqual({ code: 4, stdout: "" });
    const sent = apple.timesAccepted.size;
    expect(sent).toBeLessThan(count);
    expect(stderr).toMatch(new RegExp(`│ accepted +│ +${sent.toLocaleString("en-US")} │`));
    expect(stderr).toMatch(
      /apns: --out: \d+ line\(s\) cannot be written to run\.ndjson \(the file may not become larger, EFBIG\);/,
    );
    const second = summary(await apns([...args, "--resume", "--json"], { cwd: apple.folder })) as Record<
      string,
      number
    >;
    const doubt = second["leftInDoubt"]!;
    expect(second["alreadyDone"]! + doubt + second["accepted"]!).toBe(count);
    expect([...apple.timesAccepted.values()].every((times) => times === 1)).toBe(true);
  });

  test("ends then although more may come from stdin, some day", async () => {
    const { folder } = await startApple({ unknownDeviceTokens: "accept" });
    const fromStdin = args.map((arg) => (arg === "list.txt" ? "-" : arg)).join(" ");
    const line = `ulimit -f 64; exec "${process.execPath}" "${main}" ${fromStdin}`;
    const { code, stderr } = await runProgram(["bash", "-c", line], {
      cwd: folder,
      keepStdinOpen: true,
      onStart: (child) =>
        void child.stdin!.write(`${Array.from({ length: 1000 }, (_, index) => tokenOf(index)).join("\n")}\n`),
    });
    expect(code).toBe(4);
    expect(stderr).toContain("(the file may not become larger, EFBIG)");
  });

  test("ends by Ctrl-C although more may come from stdin, some day", async () => {
    const { folder } = await startApple({ unknownDeviceTokens: "accept" });
    const { code, stdout } = await apns(["send", "--to", "-", "--body", "x", "--json"], {
      cwd: folder,
      keepStdinOpen: true,
      onStart: async (child) => {
        child.stdin!.write(`${tokenOf(1)}\n`);
        await new Promise<void>((resolve) => child.stdout!.once("data", () => resolve()));
        child.kill("SIGINT");
      },
    });
    expect(code).toBe(130);
    expect(
      stdout
        .trim()
        .split("\n")
        .map((record) => JSON.parse(record).kind),
    ).toEqual(["accepted", "summary"]);
  });

  test("gives up after a hundred refusals of the credentials in a row, and can be resumed", async () => {
    const apple = await slowApple();
    const first = await apns([...args, "--key-id", "OTHER12345", "--json"], { cwd: apple.folder });
    expect(first.code).toBe(3);
    const { rejected, gaveUp } = summary(first) as Record<string, number>;
    expect(gaveUp).toBe("100 in a row were refused for the credentials");
    expect(rejected).toBeLessThan(count / 2);
    const second = await apns([...args, "--resume", "--json"], { cwd: apple.folder });
    const { accepted, leftInDoubt } = summary(second) as Record<string, number>;
    // The one that was on its way when the run gave up may have had no answer.
    expect(leftInDoubt).toBeLessThanOrEqual(1);
    expect(accepted! + leftInDoubt!).toBe(count);
    expect([...apple.timesAccepted.values()].every((times) => times === 1)).toBe(true);
  });

  test("gives up on what is under way at the second Ctrl-C, and says what is known", async () => {
    const apple = await startApple({ unknownDeviceTokens: "accept" });
    // The server never answers.
    apple.simulator.faults.add({ type: "blackHole" });
    apple.write("list.txt", tokenOf(1));
    const { code, stdout } = await apns([...args, "--json"], {
      cwd: apple.folder,
      onStart: async (child) => {
        const out = join(apple.folder, "run.ndjson");
        while (!existsSync(out) || statSync(out).size === 0) await new Promise((resolve) => setTimeout(resolve, 10));
        child.kill("SIGINT");
        await new Promise<void>((resolve) => child.stderr!.once("data", () => resolve()));
        child.kill("SIGINT");
      },
    });
    expect(code).toBe(130);
    expect(JSON.parse(stdout.split("\n")[0]!)).toMatchObject({ line: 1, kind: "unconfirmed" });
  });
});

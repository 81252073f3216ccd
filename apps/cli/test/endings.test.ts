// Whatever ends a run: sends stop, those in flight settle and are recorded, the summary and the exit code say what became of the
// list, and --resume sends the rest, each device token once.
import { once } from "node:events";
import { closeSync, existsSync, openSync, statSync } from "node:fs";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { apns, main, type Result, type RunOptions, runProgram } from "./apns.js";
import { count, records, type SlowApple, sendList, slowApple, summary } from "./long-list.js";
import { startApple, tokenOf } from "./simulator.js";

interface Way {
  readonly code: number;
  /** What stderr says of it. */
  readonly says: RegExp;
  readonly options: () => RunOptions;
  readonly args?: readonly string[];
}

/** Reads stdout, which fills while the list is sent, until there is something in it. */
function afterFirstOutput(act: (child: Parameters<NonNullable<RunOptions["onStart"]>>[0]) => void): () => RunOptions {
  return () => ({ onStart: (child) => void child.stdout!.once("data", () => act(child)) });
}

function fullDevice(): RunOptions {
  const file = openSync("/dev/full", "w");
  onTestFinished(() => closeSync(file));
  return { stdout: file };
}

const ways: Readonly<Record<string, Way>> = {
  "Ctrl-C": {
    code: 130,
    says: /stopping; what is in flight/,
    options: afterFirstOutput((child) => child.kill("SIGINT")),
  },
  SIGTERM: {
    code: 143,
    says: /stopping; what is in flight/,
    options: afterFirstOutput((child) => child.kill("SIGTERM")),
  },
  SIGHUP: {
    code: 129,
    says: /stopping; what is in flight/,
    options: afterFirstOutput((child) => child.kill("SIGHUP")),
  },
  "a reader that closes stdout": {
    code: 4,
    says: /"error":\{"code":"ERR_APNS_OUTPUT","message":"stdout cannot be written \(its reader has closed it, EPIPE\)"/,
    options: afterFirstOutput((child) => child.stdout!.destroy()),
  },
  "a full disk behind stdout": {
    code: 4,
    says: /"error":\{"code":"ERR_APNS_OUTPUT","message":"stdout cannot be written \(no space is left on the device, ENOSPC\)"/,
    options: fullDevice,
  },
};

async function interrupted(apple: SlowApple, { options }: Way): Promise<Result> {
  const command = [process.execPath, main, ...sendList, "--json"] as const;
  return runProgram([command[0], ...command.slice(1)], { cwd: apple.folder, ...options() });
}

describe("a run that is ended early by", { timeout: 120_000 }, () => {
  test.each(Object.entries(ways))("%s says what became of it, and is resumed exactly", async (_, way) => {
    const apple = await slowApple();
    const first = await interrupted(apple, way);
    expect({ code: first.code, stderr: first.stderr }).toEqual({
      code: way.code,
      stderr: expect.stringMatching(way.says),
    });
    const sent = apple.timesAccepted.size;
    expect(sent).toBeGreaterThan(0);
    expect(sent).toBeLessThan(count);
    expect(records(apple).filter(({ kind }) => kind === "accepted")).toHaveLength(sent);
    expect(records(apple).at(-1)).toMatchObject({ kind: "ended" });
    // It holds device tokens.
    expect(statSync(join(apple.folder, "run.ndjson")).mode & 0o777).toBe(0o600);
    // On stdout, unless that is what failed.
    const said = way.code === 4 ? first.stderr.split("\n")[0]! : first.stdout.trim().split("\n").at(-1)!;
    expect(JSON.parse(said)).toMatchObject({ kind: "summary", accepted: sent, rejected: 0, unconfirmed: 0 });

    const second = await apns([...sendList, "--resume", "--json"], { cwd: apple.folder });
    expect(second.code).toBe(0);
    expect(summary(second)).toMatchObject({
      accepted: count - sent,
      alreadyDone: sent,
      leftInDoubt: 0,
      ended: "complete",
    });
    expect(apple.timesAccepted.size).toBe(count);
    expect([...apple.timesAccepted.values()].every((times) => times === 1)).toBe(true);
  });
});

describe("a run that is ended by a signal before anything is sent", () => {
  test("says so while it reads what it was given, and leaves no outcome file", async () => {
    const { folder } = await startApple();
    const result = await apns(["send", "--payload", "-", "--out", "run.ndjson", tokenOf(1)], {
      cwd: folder,
      keepStdinOpen: true,
      onStart: (child) => {
        // More than the pipe holds: once all is written, the command reads.
        child.stdin!.write(" ".repeat(900_000));
        child.stdin!.once("drain", () => child.kill("SIGTERM"));
      },
    });
    expect(result).toEqual({ code: 143, stdout: "", stderr: "apns: ended by SIGTERM before anything was sent\n" });
    expect(existsSync(join(folder, "run.ndjson"))).toBe(false);
  });

  test("does not wait for a server that accepts a connection and then says nothing", async () => {
    const apple = await startApple();
    const sockets: Socket[] = [];
    const mute = createServer((socket) => void sockets.push(socket.on("error", () => {}))).listen(0, "127.0.0.1");
    await once(mute, "listening");
    onTestFinished(() => {
      for (const socket of sockets) socket.destroy();
      mute.close();
    });
    const port = String((mute.address() as AddressInfo).port);
    const args = ["send", "--host", "127.0.0.1", "--port", port, "--body", "x", "--out", "run.ndjson", tokenOf(1)];
    const { code, stdout, stderr } = await apns(args, {
      cwd: apple.folder,
      onStart: (child) => void mute.once("connection", () => child.kill("SIGINT")),
    });
    expect({ code, stdout }).toEqual({ code: 130, stdout: "" });
    expect(stderr).toMatch(/apns: stopping; what is in flight settles first[\s\S]*│ accepted +│ +0 │/);
    expect(existsSync(join(apple.folder, "run.ndjson"))).toBe(false);
  });
});

test("a list that was sent whole is not said to have a rest when the summary cannot be printed", async () => {
  const { folder } = await startApple({ unknownDeviceTokens: "accept" });
  const args = ["send", "--body", "x", "--out", "run.ndjson", tokenOf(1), tokenOf(2)];
  const { code, stderr } = await runProgram([process.execPath, main, ...args], { cwd: folder, ...fullDevice() });
  expect(code).toBe(4);
  expect(stderr).toMatch(/│ accepted +│ +2 │/);
  expect(stderr).not.toContain("The rest of the list");
});

test("feedback that cannot be printed is said to be lost, since the service has forgotten it", async () => {
  const { simulator, folder } = await startApple();
  simulator.world.register(tokenOf(1));
  simulator.world.unregister(tokenOf(1));
  const args = [process.execPath, main, "feedback", "--config", "apns.json"] as const;
  const { code, stderr } = await runProgram(args, { cwd: folder, ...fullDevice() });
  expect({ code, stderr }).toEqual({
    code: 4,
    stderr:
      "apns: stdout cannot be written (no space is left on the device, ENOSPC); entries that were read are lost\n",
  });
});

test("a command that only prints ends without a word when its reader has closed stdout, and says that a disk is full", async () => {
  const help = [process.execPath, main, "send", "--help"] as const;
  const full = await runProgram(help, fullDevice());
  expect(full.code).toBe(4);
  expect(full.stderr).toBe("apns: stdout cannot be written (no space is left on the device, ENOSPC)\n");
});

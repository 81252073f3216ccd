import { fork } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { describe, expect, onTestFinished, test } from "vitest";
import { answerParent, Child, type ChildError, type ChildOptions } from "../src/index.ts";

type Answering = {
  double(value: number): number;
  later(value: string): Promise<{ value: string; bytes: Uint8Array }>;
  nothing(): void;
  fail(): void;
  never(): Promise<never>;
  exit(code: number): never;
  throwLater(): Promise<never>;
  block(): never;
  events(count: number): void;
  pid(): number;
};

function start<C extends Record<string, (input: never) => unknown> = Answering, Event = unknown>(
  options: Partial<ChildOptions<Event>> = {},
  module = "answering.mjs",
): Child<C, Event> {
  const url = new URL(`children/${module}`, import.meta.url);
  const child = new Child<C, Event>(url, { name: "The child", ...options });
  onTestFinished(() => child.end());
  return child;
}

const failure = (call: Promise<unknown>): Promise<ChildError> =>
  call.then(
    () => {
      throw new Error("the call was answered");
    },
    (error: ChildError) => error,
  );

/** Whether a process with this id exists. */
function exists(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** Whether it has not exited; a process that was not waited for yet still has its id. */
function isRunning(pid: number): boolean {
  const stat = `/proc/${pid}/stat`;
  return existsSync(stat) && !/\) [ZX] /.test(readFileSync(stat, "latin1"));
}

describe("a call is rejected, and says why,", () => {
  test("if the child throws", async () => {
    expect(await failure(start().call("fail"))).toMatchObject({
      name: "ChildError",
      code: "ERR_APNS_CHILD_FAILED",
      message: "The child: no such thing",
    });
  });

  test("if the child knows no such call", async () => {
    const child = start<{ unknown(): void }>();
    expect((await failure(child.call("unknown"))).message).toBe('The child: there is no call "unknown"');
    const named = start<{ toString(): string }>();
    expect((await failure(named.call("toString"))).message).toBe('The child: there is no call "toString"');
  });

  test("if its value cannot be copied to another process", async () => {
    const child = start<{ double(value: () => void): number }>();
    const error = await failure(child.call("double", () => {}));
    expect(error.code).toBe("ERR_APNS_CHILD_FAILED");
    expect(error.message).toMatch(/^The child cannot be sent "double": .*could not be cloned\.\.$/);
  });

  test.each([
    ["exit", "The child ended with exit code 3."],
    ["throwLater", "The child ended with exit code 1."],
  ] as const)("if the child ends before it has answered: %s", async (how, message) => {
    const ended: ChildError[] = [];
    const child = start({ onEnd: (error) => ended.push(error) });
    const others = [failure(child.call("never")), failure(child.call("never"))];
    const error = await failure(how === "exit" ? child.call("exit", 3) : child.call("throwLater"));
    expect(error).toMatchObject({ code: "ERR_APNS_CHILD_ENDED", message });
    expect((await Promise.all(others)).map((other) => other.message)).toEqual([message, message]);
    expect(ended).toEqual([error]);
    expect((await failure(child.call("pid"))).message).toBe("The child has ended.");
  });

  test("if the child is killed by somebody else", async () => {
    const child = start();
    await child.call("nothing");
    const call = failure(child.call("never"));
    process.kill(child.pid!, "SIGTERM");
    expect((await call).message).toBe("The child ended by SIGTERM.");
  });

  test("if the module does not exist", async () => {
    const child = start({}, "missing.mjs");
    expect((await failure(child.call("pid"))).message).toBe("The child ended with exit code 1.");
  });

  test("if the child does not answer in time; others are answered still", async () => {
    const child = start({ answerTimeoutMs: 1500 });
    const silent = failure(child.call("never"));
    expect(await child.call("double", 4)).toBe(8);
    expect(await silent).toMatchObject({
      code: "ERR_APNS_CHILD_SILENT",
      message: 'The child has not answered "never" within 1500 ms.',
    });
    expect(await child.call("double", 5)).toBe(10);
  });

  test("if the child is ended, which is told to nobody else", async () => {
    const ended: ChildError[] = [];
    const child = start({ onEnd: (error) => ended.push(error) });
    const call = failure(child.call("never"));
    await child.end();
    expect(await call).toMatchObject({ code: "ERR_APNS_CHILD_ENDED", message: "The child was ended." });
    expect(ended).toEqual([]);
  });
});

describe("a child", () => {
  test("answers each call by its own answer, however many wait and whichever is answered first", async () => {
    const child = start();
    const answers = await Promise.all([
      child.call("later", "a"),
      child.call("double", 1),
      child.call("later", "b"),
      child.call("nothing"),
    ]);
    const bytes = new Uint8Array([1, 2, 3]);
    expect(answers).toEqual([{ value: "a", bytes }, 2, { value: "b", bytes }, undefined]);
    expect(await child.call("pid")).toBe(child.pid);
  });

  test("sends events in order", async () => {
    const events: unknown[] = [];
    const child = start({ onEvent: (event) => events.push(event) });
    await child.call("events", 3);
    expect(events).toEqual([{ index: 0 }, { index: 1 }, { index: 2 }]);
  });

  test("is heard to its end: what it sent before it exited arrives before its end does", async () => {
    const heard: unknown[] = [];
    const child = start<{ burst(count: number): Promise<never> }, unknown>(
      {
        onEvent: (event) => {
          // So busy that the next thing it learns is both: there is more to read, and the child has exited.
          while (event === 0 && isRunning(child.pid!));
          heard.push(event);
        },
        onEnd: ({ message }) => heard.push(message),
      },
      "last-words.mjs",
    );
    await failure(child.call("burst", 100));
    expect(heard).toHaveLength(102);
    expect(heard.slice(-2)).toEqual(["last", "The child ended with exit code 7."]);
  });

  test("is ended by its id even while it takes no message; no other process is", async () => {
    const other = start();
    const blocked = new Promise<void>((resolve) => {
      const child = start<Answering, unknown>({ onEvent: () => resolve(child.end()) });
      child.tell("block");
    });
    await blocked;
    expect(await other.call("double", 2)).toBe(4);
    expect(exists(other.pid!)).toBe(true);
    await other.end();
    expect(exists(other.pid!)).toBe(false);
    // The second time, nothing is left to do.
    await other.end();
  });

  test("ignores what fails if it is only told", async () => {
    const child = start();
    child.tell("fail");
    expect(await child.call("double", 3)).toBe(6);
    await child.end();
    child.tell("nothing");
  });

  test("leaves Ctrl-C to its parent", async () => {
    const child = start();
    await child.call("nothing");
    process.kill(child.pid!, "SIGINT");
    expect(await child.call("double", 21)).toBe(42);
  });

  test("ends with its parent, even if that was killed", async () => {
    const parent = fork(new URL("children/parent.mjs", import.meta.url), { execArgv: [] });
    const [pid] = (await once(parent, "message")) as [number];
    expect(exists(pid)).toBe(true);
    parent.kill("SIGKILL");
    await once(parent, "exit");
    await expect.poll(() => exists(pid), { timeout: 10_000 }).toBe(false);
  });
});

test("a module that answers a parent says so if there is none", () => {
  const { send } = process;
  try {
    Object.assign(process, { send: undefined });
    expect(() => answerParent({})).toThrow("This module is started by another one, as its child process.");
  } finally {
    Object.assign(process, { send });
  }
});

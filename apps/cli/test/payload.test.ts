import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { apns } from "./apns.js";

const folder = mkdtempSync(join(tmpdir(), "apns-cli-payload-"));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

async function findings(...args: string[]): Promise<{ code: number | null; findings: unknown; pushType: string }> {
  const { code, stdout } = await apns(["payload", "check", "--json", ...args]);
  return { code, ...JSON.parse(stdout) };
}

describe("apns payload check", { timeout: 60_000 }, () => {
  test("says what APNs would refuse, with exit code 1", async () => {
    const path = file("large.json", JSON.stringify({ aps: { alert: "x".repeat(3000) } }));
    const { code, stdout } = await apns(["payload", "check", "--transport", "binary", "--payload", path]);
    expect(code).toBe(1);
    expect(stdout).toBe(
      "refused (PayloadTooLarge): payload: 3020 bytes of UTF-8, but push type alert on the legacy wire allows 2048: " +
        "shorten it by 972 bytes (largest keys, in bytes: aps.alert 3002). " +
        "See https://developer.apple.com/documentation/usernotifications/generating-a-remote-notification\n",
    );
    expect((await apns(["payload", "check", "--payload", path])).code).toBe(0);
  });

  test("finds an empty payload", async () => {
    expect(await findings("--payload", file("empty.json", ""))).toMatchObject({
      code: 1,
      findings: [{ severity: "refused", reason: "PayloadEmpty" }],
    });
  });

  test.each([
    ["not JSON at all", "{", [], "the payload is not JSON, not a JSON object: no app will be given it"],
    ["a list", "[1]", [], "the payload is an array, not a JSON object: no app will be given it"],
    ["aps of another type", '{"aps":1}', [], '"aps" is a number, not a dictionary'],
    ["no aps", '{"a":1}', [], 'push type alert wants a dictionary "aps"'],
    [
      "a misspelt key",
      '{"aps":{"alert":"a","bagde":1}}',
      [],
      '"aps" holds "bagde", which Apple does not name; did you mean "badge"?',
    ],
    [
      "a key of one's own",
      '{"aps":{"alert":"a","campaign":1}}',
      [],
      '"aps" holds "campaign", which Apple does not name: keys of your own stand beside "aps"',
    ],
    ["a wrong type", '{"aps":{"badge":"1"}}', [], '"badge" is a string, but must be a number'],
    [
      "sound in a background notification",
      '{"aps":{"content-available":1,"sound":"default"}}',
      ["--push-type", "background"],
      '"sound" does not belong into a background notification; use push type alert',
    ],
    ["mdm without its key", "{}", ["--push-type", "mdm"], 'push type mdm wants {"mdm": "<PushMagic>"} and no "aps"'],
    ["widgets without their key", '{"aps":{}}', ["--push-type", "widgets"], '"content-changed" must be true'],
  ])("warns of %s", async (_, text, args, message) => {
    const path = file("warned.json", text);
    expect(await findings("--payload", path, ...args)).toMatchObject({
      code: 0,
      findings: [{ severity: "warning", message }],
    });
  });

  test("warns of everything a Live Activity's start lacks", async () => {
    const { findings: found } = await findings("--push-type", "liveactivity", "--aps", "event=start");
    expect((found as { message: string }[]).map(({ message }) => message)).toEqual([
      '"timestamp" must be a number, UNIX seconds',
      '"attributes-type" is missing: a Live Activity cannot be started without',
      '"attributes" is missing: a Live Activity cannot be started without',
      '"alert" is missing: a Live Activity cannot be started without',
    ]);
  });

  test("takes what only wakes the app for background, and says so", async () => {
    const { stdout, code } = await apns(["payload", "check", "--content-available", "--custom", "id=7"]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: "nothing to find fault with, as background over http2\n" });
  });

  test("lays options over a file, key by key", async () => {
    const { stdout } = await apns(["payload", "size", "--json", "--payload", "-", "--title", "Hi", "--custom", "a=2"], {
      stdin: '{"aps":{"alert":{"title":"Hello","body":"B"},"badge":1},"a":1,"b":2}',
    });
    const laid = '{"aps":{"alert":{"title":"Hi","body":"B"},"badge":1},"a":2,"b":2}';
    expect(JSON.parse(stdout).sizeBytes).toBe(laid.length);
  });
});

describe("apns payload size", { timeout: 60_000 }, () => {
  test("counts bytes, not characters, and says where they fit", async () => {
    const { code, stdout } = await apns(["payload", "size", "--body", "😀", "--push-type", "voip"]);
    expect(code).toBe(0);
    expect(stdout).toBe(
      [
        "33 bytes of UTF-8",
        "largest: aps.alert.body 6",
        "┌───────────┬────────────────────┬────────────────────┐",
        "│ push type │             HTTP/2 │    binary (legacy) │",
        "├───────────┼────────────────────┼────────────────────┤",
        "│ voip      │ fits, 5120 allowed │ fits, 4096 allowed │",
        "└───────────┴────────────────────┴────────────────────┘",
        "",
      ].join("\n"),
    );
  });

  test("measures a file as it stands, blanks included", async () => {
    const path = file("blanks.json", '{ "aps": {} }\n');
    const { stdout } = await apns(["payload", "size", "--json", "--payload", path, "--push-type", "alert"]);
    expect(JSON.parse(stdout)).toEqual({
      sizeBytes: 14,
      largestKeys: [],
      limits: [
        { pushType: "alert", wire: "http2", limitBytes: 4096, fits: true },
        { pushType: "alert", wire: "binary", limitBytes: 2048, fits: true },
      ],
    });
  });

  test.each([
    [["--payload", "/nonexistent/push.json"], "apns: --payload: there is no file /nonexistent/push.json\n"],
    [["--payload", "/"], "apns: --payload: / is a folder, not a file\n"],
    [["--custom", "novalue", "--body", "x"], 'apns: --custom takes KEY=VALUE, not "novalue"\n'],
    [
      ["--interruption-level", "loud"],
      `apns: option '--interruption-level <level>' argument "loud" is invalid. Allowed choices are passive, active, ` +
        "time-sensitive, critical.; see apns payload size --help\n",
    ],
  ])("refuses %j with exit code 2", async (args, stderr) => {
    expect(await apns(["payload", "size", ...args])).toEqual({ code: 2, stdout: "", stderr });
  });

  test("refuses to lay options over what is no object", async () => {
    const { code, stderr } = await apns(["payload", "size", "--payload", "-", "--title", "x"], { stdin: "[]" });
    expect(code).toBe(2);
    expect(stderr).toBe(
      "apns: --payload: other options can only be laid over a JSON object; the file holds something else\n",
    );
  });
});

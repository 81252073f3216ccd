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
    ["not JSON at all", '{"aps":{\n "alert":"a",\n}}', [], "notJson", 3, 1],
    ["a list", "[1]", [], "notObject", undefined, undefined],
    ["aps of another type", ' {"aps":1}', [], "wrongKind", 1, 3],
    ["no aps", '{"a":1}', [], "missingKey", undefined, undefined],
    ["an alert beside aps", '{"aps":{"badge":1},\n"alert":"x"}', [], "misplacedKey", 2, 1],
    ["mdm without its key", "{}", ["--push-type", "mdm"], "missingKey", undefined, undefined],
    ["widgets without their key", '{"aps":{}}', ["--push-type", "widgets"], "missingKey", 1, 2],
  ])("finds %s, which no app is given, with its place and exit code 1", async (_, text, args, fault, line, column) => {
    const path = file("useless.json", text);
    const found = await findings("--payload", path, ...args);
    expect(found.code).toBe(1);
    const [first] = found.findings as { severity: string; code: string; line?: number; column?: number }[];
    expect(first).toMatchObject({ severity: "error", code: fault });
    expect([first!.line, first!.column]).toEqual([line, column]);
  });

  test.each([
    [
      "a misspelt key",
      '{"aps":{"alert":"a",\n"bagde":1}}',
      [],
      'warning, line 2, column 1: aps.bagde: is no key that Apple defines here. Do you mean "badge"?\n',
    ],
    [
      "a wrong type",
      '{"aps":{"badge":"1"}}',
      [],
      'warning, line 1, column 9: aps.badge: the text "1" is not a whole number of at least 0.\n',
    ],
    [
      "sound in a background notification",
      '{"aps":{"content-available":1,"sound":"default"}}',
      ["--push-type", "background"],
      "warning, line 1, column 31: aps.sound: has no place in a background push; send it with push type alert.\n",
    ],
  ])("warns of %s", async (_, text, args, stdout) => {
    const path = file("warned.json", text);
    expect(await apns(["payload", "check", "--payload", path, ...args])).toEqual({ code: 0, stdout, stderr: "" });
  });

  test("finds everything a Live Activity's start lacks; what options made has no lines", async () => {
    const { code, findings: found } = await findings("--push-type", "liveactivity", "--aps", "event=start");
    expect(code).toBe(1);
    expect((found as object[]).map((finding) => Object.keys(finding))).toEqual(
      Array.from({ length: 5 }, () => ["severity", "code", "path", "message"]),
    );
    expect((found as { path: string }[]).map(({ path }) => path)).toEqual([
      "aps.timestamp",
      "aps.content-state",
      "aps.alert",
      "aps.attributes-type",
      "aps.attributes",
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

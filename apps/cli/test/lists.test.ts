// Lists as people have them: in the encodings, separators and shapes of the programs that wrote them.
import { describe, expect, test } from "vitest";
import { apns, type Result } from "./apns.js";
import { type Apple, startApple, tokenOf } from "./simulator.js";

type Sent = Result & { readonly records: Record<string, unknown>[]; readonly bodies: Record<string, string> };

/** Sends "Dear {{name}}" to a list in a file, or by stdin where there is no name for it. */
async function send(
  list: string | Buffer,
  name: string | undefined,
  args: readonly string[] = [],
): Promise<Sent & Apple> {
  const apple = await startApple({ unknownDeviceTokens: "accept" });
  if (name !== undefined) apple.write(name, list);
  const given = ["send", "--json", "--to", name ?? "-", "--body", "Dear {{name}}", ...args];
  const result = await apns(given, { cwd: apple.folder, ...(name === undefined ? { stdin: list } : {}) });
  const records = result.stdout
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line));
  const bodies = [...apple.simulator.received].map(({ deviceToken, payload }) => [
    deviceToken,
    JSON.parse(payload).aps.alert.body,
  ]);
  return { ...apple, ...result, records, bodies: Object.fromEntries(bodies) };
}

const invalid = ({ records }: Sent) =>
  records.filter(({ kind }) => kind === "invalid").map(({ line, message }) => [line, message]);

const [first, second, third] = [tokenOf(1), tokenOf(2), tokenOf(3)];
const german = `name,deviceToken\nJürgen,${first}\nŁukasz,${second}\n`;
const windows1252 = Buffer.from(`name,deviceToken\nAda,${second}\nJürgen,${first}\n`, "latin1");
const utf16 = (text: string, isBigEndian = false): Buffer => {
  const bytes = Buffer.from(text, "utf16le");
  return isBigEndian ? bytes.swap16() : bytes;
};

describe("text that is not UTF-8", { timeout: 60_000 }, () => {
  test("is refused before the first send, with the line", async () => {
    const sent = await send(windows1252, "list.csv");
    expect(sent).toMatchObject({ code: 2, stdout: "", bodies: {} });
    expect(JSON.parse(sent.stderr).error.message).toBe(
      "--to: line 3 of list.csv is not UTF-8 text; it may be Windows-1252, as Excel writes CSV: add --encoding windows-1252, or save it as UTF-8",
    );
  });

  test("is read if its encoding is named", async () => {
    expect((await send(windows1252, "list.csv", ["--encoding", "latin1"])).bodies).toEqual({
      [first]: "Dear Jürgen",
      [second]: "Dear Ada",
    });
  });

  test("is passed over where it comes by stdin", async () => {
    const sent = await send(windows1252, undefined);
    expect(sent.bodies).toEqual({ [second]: "Dear Ada" });
    expect(invalid(sent)).toEqual([[3, expect.stringMatching(/^is not UTF-8 text; it may be Windows-1252/)]]);
  });

  test.each([
    ["UTF-8 with a byte order mark", Buffer.from(`\ufeff${german}`)],
    ["UTF-16 with a byte order mark", utf16(`\ufeff${german}`)],
    ["UTF-16, big endian, with a byte order mark", utf16(`\ufeff${german}`, true)],
    ["UTF-16 without one", utf16(german)],
    ["UTF-16, big endian, without one", utf16(german, true)],
  ])("%s is recognised, in a file and on stdin", async (_, list) => {
    const bodies = { [first]: "Dear Jürgen", [second]: "Dear Łukasz" };
    expect((await send(list, "list.txt")).bodies).toEqual(bodies);
    expect((await send(list, undefined)).bodies).toEqual(bodies);
  });

  test("is named where it is no encoding, or there is no list", async () => {
    const { stderr } = await send(german, "list.csv", ["--encoding", "klingon"]);
    expect(JSON.parse(stderr).error.message).toMatch(/^--encoding takes the name of a text encoding, such as utf-8/);
    const { folder } = await startApple();
    const { code } = await apns(["send", "--body", "x", "--encoding", "utf-8", first], { cwd: folder });
    expect(code).toBe(2);
  });

  test("a byte order mark is passed over in NDJSON, apns.json, payloads and passphrases", async () => {
    const { simulator, folder, write } = await startApple({ unknownDeviceTokens: "accept" });
    const { readFileSync } = await import("node:fs");
    write("apns.json", `\ufeff${readFileSync(`${folder}/apns.json`, "utf8")}`);
    write("push.json", '\ufeff{"aps":{"badge":1}}');
    write("list.ndjson", `\ufeff{"deviceToken":"${first}"}\n`);
    const args = ["send", "--to", "list.ndjson", "--payload", "push.json"];
    expect(await apns(args, { cwd: folder })).toMatchObject({ code: 0, stderr: "" });
    expect(simulator.received.at(-1)?.payload).toBe('{"aps":{"badge":1}}');
  });

  test.each([
    ["Windows-1252", Buffer.from('{"aps":{\n"alert":"Jürgen"}}', "latin1"), "(line 2)"],
    ["UTF-16", utf16('\ufeff{"aps":{"alert":"Jürgen"}}'), "(it looks like UTF-16)"],
  ])("a payload in %s is refused", async (_, payload, where) => {
    const { folder, write } = await startApple();
    write("push.json", payload);
    const { code, stderr } = await apns(["send", "--payload", "push.json", first], { cwd: folder });
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: `apns: --payload: push.json is not UTF-8 text, as JSON has to be; save it as UTF-8 ${where}\n`,
    });
  });
});

describe("a line that is wrong is passed over, and the others are sent:", { timeout: 60_000 }, () => {
  test.each([
    [
      "an opening quote that is not closed",
      `"Ada,${first}\nBob,${second}\nEve,${third}\n`,
      "opens a quote that is not closed",
    ],
    [
      "one that a later quote would close",
      `"Ada,${first}\n"Bob",${second}\nEve,${third}\n`,
      "has text behind a closing quote",
    ],
    ["text behind a quote", `"Ada"x,${first}\nBob,${second}\nEve,${third}\n`, "has text behind a closing quote"],
    ["too few values", `Ada\nBob,${second}\nEve,${third}\n`, "has 1 values, but there are 2 columns"],
  ])("%s", async (_, rows, problem) => {
    const sent = await send(`name,deviceToken\n${rows}`, "list.csv");
    expect(sent.code).toBe(1);
    expect(sent.bodies).toEqual({ [second]: "Dear Bob", [third]: "Dear Eve" });
    expect(invalid(sent)).toEqual([[2, problem]]);
  });

  test("with --strict, nothing is sent, and the lines are named", async () => {
    const list = `name,deviceToken\n"Ada,${first}\nBob,${second}\nEve\nJo,xyz\n`;
    const sent = await send(list, "list.csv", ["--strict"]);
    expect(sent).toMatchObject({ code: 2, stdout: "", bodies: {} });
    const lines = JSON.parse(sent.stderr).error.message.split("\n");
    expect(lines.slice(0, 3)).toEqual([
      "3 lines of the list are invalid, and nothing was sent:",
      "line 2: opens a quote that is not closed",
      "line 4: has 1 values, but there are 2 columns",
    ]);
    expect(lines.slice(3)).toEqual([expect.stringMatching(/^line 5: deviceToken: /)]);
    expect((await send(german, "list.csv", ["--strict"])).code).toBe(0);
    expect((await send(german, undefined, ["--strict"])).stderr).toContain("--strict needs the list as a file");
    const lacking = await send(`deviceToken\n${first}\n`, "list.csv", ["--strict"]);
    expect(lacking.stderr).toContain('line 2: has no field \\"name\\"');
  });

  test("several are shown to people", async () => {
    const { folder, write } = await startApple({ unknownDeviceTokens: "accept" });
    write("list.txt", ["x", first, "y", ...Array.from({ length: 6 }, () => "z")].join("\n"));
    const { code, stdout } = await apns(["send", "--to", "list.txt", "--body", "x"], { cwd: folder });
    expect(code).toBe(1);
    expect([...stdout.matchAll(/^invalid, (first )?line (\d+): /gm)].map(([, , line]) => line)).toEqual([..."13456"]);
  });
});

describe("lists as programs write them:", { timeout: 60_000 }, () => {
  const quoted = `"name";"Device Token"\r\n"Doe, ""Jo""\nJr.";${first}\r\n`;
  test.each([
    ["semicolons and quotes, with line breaks in a value", quoted, 'Dear Doe, "Jo"\nJr.'],
    ["tabs", `NAME\tname\tDEVICETOKEN\nx\tAda\t${first}\n`, "Dear Ada"],
    ["Excel's line about its separator", `sep=;\nname;device_token\nAda, B.;${first}\n`, "Dear Ada, B."],
    ["a JSON array of objects", `[\n {"deviceToken":"${first}","name":"A]d\\"a,"}\n]\n`, 'Dear A]d"a,'],
    ["NDJSON", `{"deviceToken":"${first}","name":"Ada"}`, "Dear Ada"],
  ])("%s", async (_, list, body) => {
    expect((await send(list, "list.txt")).bodies).toEqual({ [first]: body });
  });

  test("a JSON array of device tokens, each entry by its number", async () => {
    const { records } = await send(`["${first}", "nonsense",[],{"a":1}, "${second}"]`, "list.json", ["--body", "x"]);
    expect(
      records
        .map(({ line, kind }) => [line, kind])
        .filter(([line]) => line !== undefined)
        .sort(),
    ).toEqual([
      [1, "accepted"],
      [2, "invalid"],
      [3, "invalid"],
      [4, "invalid"],
      [5, "accepted"],
    ]);
    expect((await send("[]", "list.json", ["--body", "x"])).code).toBe(0);
  });

  test.each([
    [`["${first}"`, "the list is no JSON array: it ends behind entry 0, without a closing ]"],
    [`["${first}",`, "the list is no JSON array: it ends behind entry 1, without a closing ]"],
    [`["${first}"] x`, "the list is no JSON array: something follows its end"],
  ])("a JSON array that is damaged ends the run with what is wrong: %s", async (list, message) => {
    const { code, stderr } = await send(list, "list.json", ["--body", "x"]);
    expect(code).toBe(2);
    expect(stderr).toContain(message);
  });

  test("tokens of other services are named as such", async () => {
    const fcm = `dQw4w9WgXcQ:APA91b${"A_-9".repeat(40)}`;
    const sent = await send(`${fcm}\nExponentPushToken[xxxxxxxxxxxxxxxxxxxxxx]\n`, "list.txt", ["--body", "x"]);
    expect(invalid(sent)).toEqual([
      [
        1,
        expect.stringMatching(
          /^deviceToken: this is a registration token of Firebase \(FCM\), which APNs does not know/,
        ),
      ],
      [2, expect.stringMatching(/^deviceToken: this is an Expo push token, which APNs does not know/)],
    ]);
  });

  test("two device tokens in one argument are two, and the groups of one are one", async () => {
    const { simulator, folder } = await startApple({ unknownDeviceTokens: "accept" });
    const grouped = `<${first.match(/.{8}/g)!.join(" ")}>`;
    const { code } = await apns(["send", "--body", "x", `${second} ${third}`, grouped], { cwd: folder });
    expect(code).toBe(0);
    expect([...simulator.received].map(({ deviceToken }) => deviceToken).sort()).toEqual([first, second, third]);
  });
});

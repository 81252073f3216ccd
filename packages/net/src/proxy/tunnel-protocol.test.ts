import { describe, expect, test } from "vitest";
import { HttpConnect } from "./http-connect.js";
import { parseProxy } from "./proxy-address.js";
import { Socks4a } from "./socks4a.js";
import { Socks5 } from "./socks5.js";
import type { TunnelProtocol, TunnelStep } from "./tunnel-protocol.js";

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(" ", ""), "hex");
const apple = { host: "api.push.apple.com", port: 443 };
const appleName = "12 6170692e707573682e6170706c652e636f6d";

/** Feeds the answer in chunks of a size; returns what was sent, the last step, and what came behind the tunnel. */
function play(
  protocol: TunnelProtocol,
  answer: Buffer,
  chunkBytes: number,
): { sent: string[]; step: TunnelStep; behind: string } {
  const sent = [protocol.request.toString("hex")];
  let held = Buffer.alloc(0);
  let step: TunnelStep = { type: "incomplete" };
  for (let offset = 0; offset < answer.length; offset += chunkBytes) {
    held = Buffer.concat([held, answer.subarray(offset, offset + chunkBytes)]);
    for (step = protocol.receive(held); step.type === "send"; step = protocol.receive(held)) {
      sent.push(step.bytes.toString("hex"));
      held = held.subarray(step.consumed);
    }
    if (step.type === "open")
      return {
        sent,
        step,
        behind: Buffer.concat([held.subarray(step.consumed), answer.subarray(offset + chunkBytes)]).toString("hex"),
      };
    if (step.type === "refused") break;
  }
  return { sent, step, behind: "" };
}

describe.each([1, 2, 3, 7, 1000])("in chunks of %i bytes", (chunkBytes) => {
  test.each<[string, () => TunnelProtocol, string, string[]]>([
    [
      "SOCKS5, a name",
      () => new Socks5(parseProxy("socks5://p"), apple),
      "0500 05000001 0a000001 1f90",
      ["050100", `050100 03 ${appleName} 01bb`],
    ],
    [
      "SOCKS5 with user and password",
      () => new Socks5(parseProxy("socks5://me:pw@p"), apple),
      "0502 0100 05000003 04 68657265 0000",
      ["05020002", "01 02 6d65 02 7077", `050100 03 ${appleName} 01bb`],
    ],
    [
      "SOCKS5 that wants no password",
      () => new Socks5(parseProxy("socks5://me:pw@p"), apple),
      "0500 05000001 00000000 0000",
      ["05020002", `050100 03 ${appleName} 01bb`],
    ],
    [
      "SOCKS5, an IPv4 address",
      () => new Socks5(parseProxy("socks5://p"), { host: "17.0.0.1", port: 2197 }),
      "0500 05000004 00000000000000000000000000000001 0000",
      ["050100", "050100 01 11000001 0895"],
    ],
    [
      "SOCKS5, an IPv6 address",
      () => new Socks5(parseProxy("socks5://p"), { host: "2001:db8::7", port: 443 }),
      "0500 05000001 00000000 0000",
      ["050100", "050100 04 20010db8000000000000000000000007 01bb"],
    ],
    [
      "SOCKS5, an IPv4 address in IPv6",
      () => new Socks5(parseProxy("socks5://p"), { host: "::ffff:17.0.0.1", port: 443 }),
      "0500 05000001 00000000 0000",
      ["050100", "050100 04 00000000000000000000ffff11000001 01bb"],
    ],
    [
      "SOCKS4a, a name",
      () => new Socks4a(parseProxy("socks4a://me@p"), apple),
      "005a000000000000",
      [`0401 01bb 00000001 6d6500 ${appleName.slice(3)} 00`],
    ],
    [
      "SOCKS4a, an IPv4 address",
      () => new Socks4a(parseProxy("socks4a://p"), { host: "17.0.0.1", port: 443 }),
      "005a000000000000",
      ["0401 01bb 11000001 00"],
    ],
    [
      "CONNECT",
      () => new HttpConnect(parseProxy("http://p"), apple),
      hexOf("HTTP/1.1 200 Yes\r\nvia: x\r\n\r\n"),
      [hexOf("CONNECT api.push.apple.com:443 HTTP/1.1\r\nhost: api.push.apple.com:443\r\n\r\n")],
    ],
    [
      "CONNECT, lines that end with LF",
      () => new HttpConnect(parseProxy("http://p"), { host: "::1", port: 2197 }),
      hexOf("HTTP/1.0 200 Yes\nvia: x\n\n"),
      [hexOf("CONNECT [::1]:2197 HTTP/1.1\r\nhost: [::1]:2197\r\n\r\n")],
    ],
    [
      "CONNECT, no headers, LF",
      () => new HttpConnect(parseProxy("http://p"), apple),
      hexOf("HTTP/1.1 200\n\n"),
      [hexOf("CONNECT api.push.apple.com:443 HTTP/1.1\r\nhost: api.push.apple.com:443\r\n\r\n")],
    ],
  ])("%s: a tunnel, and what follows comes from the server", (_, make, answer, sent) => {
    const played = play(make(), Buffer.concat([hex(answer), hex("160303")]), chunkBytes);
    expect(played.step.type).toBe("open");
    expect(played.sent).toEqual(sent.map((bytes) => bytes.replaceAll(" ", "")));
    expect(played.behind).toBe("160303");
  });

  test.each<[string, () => TunnelProtocol, string, RegExp, boolean]>([
    [
      "SOCKS5 without a method",
      () => new Socks5(parseProxy("socks5://p"), apple),
      "05ff",
      /^wants a user name and password/,
      false,
    ],
    [
      "SOCKS5 that takes no password",
      () => new Socks5(parseProxy("socks5://me:pw@p"), apple),
      "05ff",
      /^takes no user name and password/,
      false,
    ],
    [
      "SOCKS5 that wants a password nobody gave",
      () => new Socks5(parseProxy("socks5://p"), apple),
      "0502",
      /^wants a user name/,
      false,
    ],
    [
      "SOCKS5, a wrong password",
      () => new Socks5(parseProxy("socks5://me:pw@p"), apple),
      "0502 0101",
      /^refused the user name and password$/,
      false,
    ],
    [
      "SOCKS5, by its rules",
      () => new Socks5(parseProxy("socks5://p"), apple),
      "0500 0502",
      /^refused the tunnel to api\.push\.apple\.com:443: not allowed/,
      false,
    ],
    ["SOCKS5, refused", () => new Socks5(parseProxy("socks5://p"), apple), "0500 0505", /: connection refused$/, true],
    [
      "SOCKS5, a code from the future",
      () => new Socks5(parseProxy("socks5://p"), apple),
      "0500 0563",
      /: reply 99$/,
      false,
    ],
    [
      "SOCKS5, an address of no kind",
      () => new Socks5(parseProxy("socks5://p"), apple),
      "0500 05000009 00",
      /^did not answer as a SOCKS5 proxy/,
      false,
    ],
    [
      "an HTTP proxy, asked for SOCKS5",
      () => new Socks5(parseProxy("socks5://p"), apple),
      hexOf("HTTP/1.1 400 Bad Request\r\n\r\n"),
      /^did not answer as a SOCKS5 proxy/,
      false,
    ],
    [
      "SOCKS4a, refused",
      () => new Socks4a(parseProxy("socks4a://p"), apple),
      "005b000000000000",
      /: rejected or failed$/,
      true,
    ],
    [
      "SOCKS4a, an IPv6 address",
      () => new Socks4a(parseProxy("socks4a://p"), { host: "::1", port: 1 }),
      "005b000000000000",
      /\[::1\]:1: .*; SOCKS4 has no IPv6, use socks5$/,
      true,
    ],
    [
      "SOCKS4a, something else",
      () => new Socks4a(parseProxy("socks4a://p"), apple),
      "0500000000000000",
      /^did not answer as a SOCKS4 proxy/,
      false,
    ],
    [
      "CONNECT, refused with LF",
      () => new HttpConnect(parseProxy("http://p"), apple),
      hexOf("HTTP/1.1 403 No\x1b\n\n"),
      /^refused the tunnel to api\.push\.apple\.com:443: HTTP\/1\.1 403 No\?$/,
      false,
    ],
  ])("%s is a refusal", (_, make, answer, problem, retryable) => {
    const { step } = play(make(), hex(answer), chunkBytes);
    expect(step).toMatchObject({ type: "refused", problem: expect.stringMatching(problem), retryable });
  });
});

function hexOf(text: string): string {
  return Buffer.from(text, "latin1").toString("hex");
}

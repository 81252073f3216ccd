import { describe, expect, test } from "vitest";
import { hostAndPort, parseProxy } from "./proxy-address.js";

const me = (password: string) => ({ user: "me", password });

describe("a proxy's address", () => {
  test.each([
    ["http://proxy.example:3128", { protocol: "http", host: "proxy.example", port: 3128, credentials: undefined }],
    ["http://proxy.example/", { protocol: "http", host: "proxy.example", port: 80, credentials: undefined }],
    ["https://proxy.example", { protocol: "https", host: "proxy.example", port: 443, credentials: undefined }],
    ["socks5://p", { protocol: "socks5", host: "p", port: 1080, credentials: undefined }],
    ["socks5h://me:pw@p:1081", { protocol: "socks5", host: "p", port: 1081, credentials: me("pw") }],
    ["socks://p", { protocol: "socks5", host: "p", port: 1080, credentials: undefined }],
    ["socks4a://me@p", { protocol: "socks4a", host: "p", port: 1080, credentials: me("") }],
    ["socks4://p:9", { protocol: "socks4a", host: "p", port: 9, credentials: undefined }],
    ["http://[::1]:8080", { protocol: "http", host: "::1", port: 8080, credentials: undefined }],
    ["socks5://[2001:db8::1]:8080", { protocol: "socks5", host: "2001:db8::1", port: 8080, credentials: undefined }],
    ["http://me:s%3Acret@p:1", { protocol: "http", host: "p", port: 1, credentials: me("s:cret") }],
    ["http://me@p:1", { protocol: "http", host: "p", port: 1, credentials: me("") }],
    ["http://me:p@ss@p:1", { protocol: "http", host: "p", port: 1, credentials: me("p@ss") }],
    ["socks5://me:%23%2F%5C%20@p:1", { protocol: "socks5", host: "p", port: 1, credentials: me("#/\\ ") }],
  ])("%s", (address, expected) => {
    expect(parseProxy(address)).toEqual(expected);
    expect(parseProxy(new URL(address))).toEqual(expected);
  });

  test.each([
    "proxy.example:3128",
    "ftp://p:1",
    "socks6://p:1",
    "",
    "http://",
    "http://proxy:99999",
    "socks4a://me:secret@p",
    `socks5://${"x".repeat(256)}:secret@p`,
  ])("%j is refused, without being repeated", (address) => {
    const refusal = (): unknown => parseProxy(address);
    expect(refusal).toThrow(expect.objectContaining({ field: "proxy", code: "ERR_APNS_INVALID_ARGUMENT" }) as Error);
    expect(refusal).not.toThrow(/secret|3128/);
  });

  // Each would be dialled as another host, or with another password.
  test.each(
    ["#", "/", "\\", "?", " ", "\t", "\n", "\0"].flatMap((character) =>
      ["http", "https", "socks5"].flatMap((scheme) => [
        `${scheme}://me:12${character}secret@proxy.example:3128`,
        `${scheme}://host${character}me:secret@proxy.example:3128`,
        `${scheme}://me:secret${character}@proxy.example:3128`,
      ]),
    ),
  )("%j is refused: percent-encode", (address) => {
    const refusal = (): unknown => parseProxy(address);
    expect(refusal).toThrow(
      expect.objectContaining({ field: "proxy", message: expect.stringContaining("percent-encode") }) as Error,
    );
    expect(refusal).not.toThrow(/secret|3128|example/);
  });

  test.each(["http://me:100%@p:1", "http://me:%zz-secret@p:1", "socks5://%e9:secret@p:1"])(
    "%j is refused: percent-encode",
    (address) => {
      expect(() => parseProxy(address)).toThrow(/percent-encode it \(.*% as %25/);
      expect(() => parseProxy(address)).not.toThrow(/secret/);
    },
  );
});

test("an IPv6 address stands in brackets before its port", () => {
  expect(hostAndPort({ host: "2001:db8::1", port: 443 })).toBe("[2001:db8::1]:443");
  expect(hostAndPort({ host: "api.push.apple.com", port: 443 })).toBe("api.push.apple.com:443");
});

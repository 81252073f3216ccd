import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseProxy, proxyFromEnvironment } from "./proxy.js";

describe("a proxy's address", () => {
  test.each([
    ["http://proxy.example:3128", { host: "proxy.example", port: 3128, authorization: undefined }],
    ["http://proxy.example", { host: "proxy.example", port: 80, authorization: undefined }],
    ["http://[::1]:8080", { host: "::1", port: 8080, authorization: undefined }],
    ["http://me:s%3Acret@p:1", { host: "p", port: 1, authorization: `Basic ${btoa("me:s:cret")}` }],
    ["http://me@p:1", { host: "p", port: 1, authorization: `Basic ${btoa("me:")}` }],
  ])("%s", (address, expected) => {
    expect(parseProxy(address)).toEqual(expected);
    expect(parseProxy(new URL(address))).toEqual(expected);
  });

  test.each(["proxy.example:3128", "https://p:1", "socks5://p:1", "", "http://", "http://me:%zz-secret@p:1"])(
    "%j is refused, without being repeated",
    (address) => {
      const refusal = (): unknown => parseProxy(address);
      expect(refusal).toThrow(expect.objectContaining({ field: "proxy", code: "ERR_APNS_INVALID_ARGUMENT" }) as Error);
      expect(refusal).not.toThrow(/secret|3128/);
    },
  );
});

describe("a proxy of the environment", () => {
  const proxyOf = (variables: Record<string, string>, host = "api.push.apple.com", port = 443) =>
    proxyFromEnvironment(host, port, variables)?.host;

  test("is HTTPS_PROXY, in either spelling, with or without http://", () => {
    expect(proxyOf({})).toBeUndefined();
    expect(proxyOf({ HTTPS_PROXY: "" })).toBeUndefined();
    expect(proxyOf({ HTTPS_PROXY: "http://p:1" })).toBe("p");
    expect(proxyOf({ https_proxy: "p:1" })).toBe("p");
    expect(proxyOf({ HTTP_PROXY: "http://p:1" })).toBeUndefined();
    expect(() => proxyOf({ HTTPS_PROXY: "socks5://p:1" })).toThrow(/HTTPS_PROXY/);
  });

  test.each<[string, string, number, boolean]>([
    ["*", "api.push.apple.com", 443, true],
    ["api.push.apple.com", "api.push.apple.com", 443, true],
    ["API.Push.Apple.com", "api.push.apple.com", 443, true],
    ["apple.com", "api.push.apple.com", 443, true],
    [".apple.com", "api.push.apple.com", 443, true],
    ["*.apple.com", "api.push.apple.com", 443, true],
    ["pple.com", "api.push.apple.com", 443, false],
    ["push.apple.com.example", "api.push.apple.com", 443, false],
    ["apple.com:443", "api.push.apple.com", 443, true],
    ["apple.com:2197", "api.push.apple.com", 443, false],
    ["localhost, apple.com", "api.push.apple.com", 443, true],
    ["localhost apple.com", "api.push.apple.com", 443, true],
    [",,", "api.push.apple.com", 443, false],
    ["::1", "::1", 443, true],
    ["[::1]:443", "::1", 443, true],
    ["[::1]:444", "::1", 443, false],
    ["10.0.0.1", "10.0.0.1", 443, true],
  ])("NO_PROXY %j for %s:%i: exempt %s", (exempt, host, port, isExempt) => {
    expect(proxyOf({ HTTPS_PROXY: "p:1", NO_PROXY: exempt }, host, port)).toBe(isExempt ? undefined : "p");
    expect(proxyOf({ HTTPS_PROXY: "p:1", no_proxy: exempt }, host, port)).toBe(isExempt ? undefined : "p");
  });
});

test("whatever the environment holds, it is a proxy, none, or a refusal that names the variable", () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (HTTPS_PROXY, NO_PROXY) => {
      try {
        const found = proxyFromEnvironment("api.push.apple.com", 443, { HTTPS_PROXY, NO_PROXY });
        expect(found === undefined || found.host !== "").toBe(true);
      } catch (error) {
        expect(error).toMatchObject({ field: "HTTPS_PROXY" });
      }
    }),
  );
});

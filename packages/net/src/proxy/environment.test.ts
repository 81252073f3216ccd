import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { proxyFromEnvironment } from "./environment.js";

describe("a proxy of the environment", () => {
  const proxyOf = (variables: Record<string, string>, host = "api.push.apple.com", port = 443) =>
    proxyFromEnvironment(host, port, variables)?.host;

  test("is HTTPS_PROXY, in either spelling, with or without http://", () => {
    expect(proxyOf({})).toBeUndefined();
    expect(proxyOf({ HTTPS_PROXY: "" })).toBeUndefined();
    expect(proxyOf({ HTTPS_PROXY: "http://p:1" })).toBe("p");
    expect(proxyOf({ https_proxy: "p:1" })).toBe("p");
    expect(proxyOf({ HTTP_PROXY: "http://p:1" })).toBeUndefined();
    expect(() => proxyOf({ HTTPS_PROXY: "ftp://p:1" })).toThrow(/HTTPS_PROXY/);
    expect(() => proxyOf({ https_proxy: "ftp://p:1" })).toThrow(/https_proxy/);
  });

  test("is ALL_PROXY, in either spelling, where there is no HTTPS_PROXY", () => {
    expect(proxyOf({ ALL_PROXY: "socks5://all:1" })).toBe("all");
    expect(proxyOf({ all_proxy: "all:1" })).toBe("all");
    expect(proxyOf({ ALL_PROXY: "all:1", HTTPS_PROXY: "https:1" })).toBe("https");
    expect(proxyOf({ all_proxy: "all:1", HTTPS_PROXY: "https:1" })).toBe("https");
    expect(() => proxyOf({ ALL_PROXY: "ftp://p:1" })).toThrow(/ALL_PROXY/);
    expect(proxyOf({ ALL_PROXY: "all:1", NO_PROXY: "apple.com" })).toBeUndefined();
  });

  test("in lower case counts first; an empty variable hides no other", () => {
    expect(proxyOf({ HTTPS_PROXY: "upper:1", https_proxy: "lower:1" })).toBe("lower");
    expect(proxyOf({ HTTPS_PROXY: "upper:1", https_proxy: "" })).toBe("upper");
    expect(proxyOf({ HTTPS_PROXY: "", https_proxy: "lower:1" })).toBe("lower");
    expect(proxyOf({ HTTPS_PROXY: " ", https_proxy: "", ALL_PROXY: "", all_proxy: "all:1" })).toBe("all");
    expect(proxyOf({ HTTPS_PROXY: "p:1", NO_PROXY: "", no_proxy: "apple.com" })).toBeUndefined();
    expect(proxyOf({ HTTPS_PROXY: "p:1", NO_PROXY: "apple.com", no_proxy: "" })).toBeUndefined();
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

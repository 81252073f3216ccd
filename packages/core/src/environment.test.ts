import { describe, expect, test } from "vitest";
import { type Environment, resolveEnvironment } from "./environment.js";

describe("an environment", () => {
  test("by name is Apple's host and port for the service", () => {
    expect(resolveEnvironment("production", "http2")).toEqual({
      host: "api.push.apple.com",
      port: 443,
      servername: "api.push.apple.com",
      ca: undefined,
    });
    expect(resolveEnvironment("development", "gateway")).toMatchObject({
      host: "gateway.sandbox.push.apple.com",
      port: 2195,
    });
    expect(resolveEnvironment("development", "feedback").port).toBe(2196);
  });

  test("of one's own fills in the usual port and name", () => {
    expect(resolveEnvironment({ host: "localhost" }, "gateway")).toEqual({
      host: "localhost",
      port: 2195,
      servername: "localhost",
      ca: undefined,
    });
    expect(resolveEnvironment({ host: "127.0.0.1", port: 1, servername: "x", ca: "pem" }, "http2")).toEqual({
      host: "127.0.0.1",
      port: 1,
      servername: "x",
      ca: "pem",
    });
  });

  test("may be an IPv6 address", () => {
    expect(resolveEnvironment({ host: "::1" }, "http2").host).toBe("::1");
  });

  test.each([
    [
      "sandbox",
      'environment: "sandbox" is not "production", "development" or { host, port?, ca?, servername? }. Apple\'s sandbox is "development".',
    ],
    ["toString", 'environment: "toString" is not "production", "development" or { host, port?, ca?, servername? }.'],
    [undefined, 'environment: undefined is not "production", "development" or { host, port?, ca?, servername? }.'],
    [
      { host: "https://localhost" },
      'environment.host: "https://localhost" is not a host name or an IP address alone; the port is an option of its own.',
    ],
    [
      { host: "localhost:8443" },
      'environment.host: "localhost:8443" is not a host name or an IP address alone; the port is an option of its own.',
    ],
    [{ host: "" }, "environment.host: an empty string is not a text."],
    [{ host: "h", port: 0 }, "environment.port: 0 is not a whole number from 1 to 65535."],
    [{ host: "h", port: "443" }, 'environment.port: "443" is not a whole number from 1 to 65535.'],
  ])("%j is refused by name", (environment, message) => {
    expect(() => resolveEnvironment(environment as Environment, "http2")).toThrow(message);
  });
});

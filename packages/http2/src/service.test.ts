import { describe, expect, test } from "vitest";
import { resolveService } from "./service.js";

describe("hosts", () => {
  // Apple, "Sending channel management requests to APNs" and "Sending broadcast push notification requests to APNs"
  test.each([
    ["production", "channels", "api-manage-broadcast.push.apple.com", 2196],
    ["development", "channels", "api-manage-broadcast.sandbox.push.apple.com", 2195],
    ["production", "broadcast", "api-broadcast.push.apple.com", 443],
    ["development", "broadcast", "api-broadcast.sandbox.push.apple.com", 443],
  ] as const)("%s %s: %s:%i", (environment, service, host, port) => {
    expect(resolveService(environment, service)).toEqual({ host, port, servername: host, ca: undefined });
  });

  test("an endpoint is taken as it is, with the service's usual port", () => {
    expect(resolveService({ host: "localhost", ca: "pem" }, "channels")).toEqual({
      host: "localhost",
      port: 2196,
      servername: "localhost",
      ca: "pem",
    });
    expect(resolveService({ host: "localhost", port: 1 }, "broadcast")).toMatchObject({ port: 1 });
  });

  test("an unknown environment is refused", () => {
    expect(() => resolveService("sandbox" as never, "channels")).toThrow(/environment/);
  });
});

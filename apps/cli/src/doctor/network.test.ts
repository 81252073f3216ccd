import { describe, expect, test } from "vitest";
import { Settings } from "../settings/settings.js";
import type { DoctorContext } from "./context.js";
import { checkDns, checkLegacyHost, checkTcp } from "./network.js";

const settings = await Settings.read({}, {}, "/");

/** As Apple's servers would be looked at, but under a name that there never is, and a port on which nobody listens. */
function context(changes: Partial<DoctorContext>): DoctorContext {
  return {
    settings,
    wire: "http2",
    endpoint: { host: "127.0.0.1", port: 1, servername: "127.0.0.1", ca: undefined },
    isApple: true,
    environment: "production",
    proxy: undefined,
    credentials: undefined,
    topic: undefined,
    timeoutMs: 5000,
    ...changes,
  };
}

describe("the doctor, about Apple's servers", () => {
  test("tells a legacy sender whose gateway is gone what has become of it", async () => {
    const endpoint = { host: "gateway.invalid", port: 2195, servername: "gateway.invalid", ca: undefined };
    const fix =
      "Apple switched the binary protocol off in 2021: send over HTTP/2 (--transport http2), or through a bridge";
    expect(await checkDns(context({ wire: "binary", endpoint }))).toMatchObject({ id: "dns", status: "failed", fix });
    expect(await checkTcp(context({ wire: "binary" }))).toMatchObject([{ id: "tcp-1", status: "failed", fix }]);
  });

  test("looks at both ports, and minds only the one that is used", async () => {
    const checks = await checkTcp(context({}));
    expect(checks.map(({ id }) => id)).toEqual(["tcp-1", "tcp-443", "tcp-2197"]);
    expect(checks[0]).toMatchObject({
      status: "failed",
      finding: "127.0.0.1:1: ECONNREFUSED",
      fix: expect.stringContaining("let this machine out to TCP ports 443 or 2197"),
    });
    for (const { status } of checks.slice(1)) expect(status).not.toBe("failed");
  });

  test("says nothing about the legacy host where nothing can be said", async () => {
    expect(await checkLegacyHost(context({}), false)).toEqual({
      id: "legacy-host",
      status: "skipped",
      finding: "names cannot be resolved here",
    });
    expect(await checkLegacyHost(context({ isApple: false }), true)).toMatchObject({ status: "skipped" });
    expect(await checkLegacyHost(context({ wire: "binary" }), true)).toMatchObject({ status: "skipped" });
  });
});

import { expect, test } from "vitest";
import { isOwnHost } from "./host-header.ts";

const allowed = new Set(["bridge.internal"]);

test.each([
  undefined,
  "127.0.0.1",
  "127.0.0.1:9195",
  "[::1]:9195",
  "[::1]",
  "localhost:80",
  "LocalHost",
  "Bridge.internal:1",
])("%s is a name of this server's", (host) => {
  expect(isOwnHost(host, allowed)).toBe(true);
});

test.each([
  "",
  "evil.example",
  "evil.example:9195",
  "localhost.evil.example",
  "127.0.0.1.evil.example",
  "[::1].evil.example",
])("%j is somebody else's", (host) => {
  expect(isOwnHost(host, allowed)).toBe(false);
});

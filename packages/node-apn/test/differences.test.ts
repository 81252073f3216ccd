// Rows of the README's table of differences that no other test is about.
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createSecureServer, type IncomingHttpHeaders } from "node:http2";
import type { AddressInfo } from "node:net";
import { Http2Transport } from "@apns/http2";
import { expect, onTestFinished, test } from "vitest";
import { Provider } from "../src/index.js";
import { apnsId, greeting, leadingTo, phone, providerOf, startApple } from "./setup.js";

test("a push to a device has no header of channels and broadcasts", async () => {
  const apple = await startApple();
  const { cert, key } = await apple.authority.issueServer({ hosts: ["localhost", "127.0.0.1"] });
  const seen: IncomingHttpHeaders[] = [];
  const server = createSecureServer({ cert, key }).on("stream", (stream, headers) => {
    seen.push(headers);
    stream.respond({ ":status": 200 }, { endStream: true });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const provider = new Provider({ ...leadingTo(apple), port });
  onTestFinished(async () => {
    await provider.shutdown();
    server.close();
  });
  const note = greeting({ requestId: apnsId, channelId: "dHN0LXNyY2gtY2hubA==" });
  expect(await provider.send(note, phone)).toMatchObject({ sent: [{ device: phone }], failed: [] });
  const names = Object.keys(seen[0]!).filter((name) => name.startsWith("apns-"));
  expect(names.toSorted()).toEqual(["apns-priority", "apns-push-type", "apns-topic"]);
});

test("a provider has its transport, and no client", async () => {
  const provider = providerOf(await startApple());
  expect(provider).not.toHaveProperty("client");
  expect(provider.transport).toBeInstanceOf(Http2Transport);
});

test("the package has one module: no mock, nothing in lib", () => {
  const { exports } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
  expect(Object.keys(exports)).toEqual([".", "./package.json"]);
});

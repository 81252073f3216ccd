// TLS inspection: something between here and Apple answers with a certificate of its own.

import { createServer, type TlsOptions } from "node:tls";
import { alert } from "@apns/core";
import { nameWithAddresses, testIdentities } from "@apns/testkit";
import { expect, onTestFinished, test } from "vitest";
import { Http2Transport, type Http2TransportOptions } from "../src/index.js";

const hello = alert({ topic: "com.example.App", aps: { alert: "Hi" } });

/** A transport to a server whose certificate for `host` is issued by an authority that is not Apple's. */
async function inspected(host: string, tls: TlsOptions = {}, isTrusted = false): Promise<Http2Transport> {
  const { authority, ca, client } = await testIdentities();
  const identity = await authority.issueServer({ hosts: [host], keyType: "ec" });
  const server = createServer({ ...identity, ALPNProtocols: ["h2"], ...tls });
  server.on("tlsClientError", () => {});
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  onTestFinished(nameWithAddresses(host, ["127.0.0.1"]));
  const { port } = server.address() as { port: number };
  const options: Http2TransportOptions = {
    // Else another one is trusted: here, by chance, the client's certificate.
    environment: { host, port, ca: isTrusted ? ca : client.cert },
    auth: { type: "certificate", ...client },
    timeoutMs: 2_000,
  };
  const transport = new Http2Transport(options);
  onTestFinished(() => transport.close({ timeoutMs: 0 }));
  return transport;
}

test.each<[string, string, TlsOptions, boolean, RegExp]>([
  [
    "of Apple's host, untrusted",
    "api.push.apple.com",
    {},
    false,
    /^api\.push\.apple\.com:\d+: .*certificate.*; the server's certificate is not Apple's, but for "?.*, issued by "Throw-away Test CA" \(something between here and Apple opens TLS: /,
  ],
  [
    "of Apple's host, trusted, without HTTP/2",
    "api.push.apple.com",
    { ALPNProtocols: undefined as never },
    true,
    /does not speak "h2" \(ALPN\); the server's certificate is not Apple's, .* issued by "Throw-away Test CA" \(something between/,
  ],
  [
    "of another host, untrusted",
    "apns.example",
    {},
    false,
    /; the server's certificate is for .*, issued by "Throw-away Test CA" \(the server's certificate is not to be trusted; /,
  ],
])("a certificate %s is named in the error of send", async (_, host, tls, isTrusted, says) => {
  const transport = await inspected(host, tls, isTrusted);
  expect(await transport.send(hello, "ab")).toMatchObject({
    kind: "unsent",
    attempts: 0,
    cause: { code: "ERR_APNS_CONNECT_FAILED", retryable: false, message: expect.stringMatching(says) },
  });
});

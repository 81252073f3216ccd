import { createServer } from "node:tls";
import { nameWithAddresses, testIdentities } from "@apns/testkit";
import { expect, onTestFinished, test } from "vitest";
import { connectTo, hello, tokenOf } from "./helpers.js";

test("a certificate of Apple's host that is not Apple's (TLS inspection) is named in the error of send", async () => {
  const host = "gateway.push.apple.com";
  const { authority, client } = await testIdentities();
  const server = createServer(await authority.issueServer({ hosts: [host], keyType: "ec" }));
  server.on("tlsClientError", () => {});
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  onTestFinished(nameWithAddresses(host, ["127.0.0.1"]));
  const { port } = server.address() as { port: number };
  // Trusted is another authority: here, by chance, the client's certificate.
  const transport = await connectTo(port, { environment: { host, port, ca: client.cert } });
  expect(await transport.send(hello, tokenOf(1))).toMatchObject({
    kind: "unsent",
    attempts: 0,
    cause: {
      code: "ERR_APNS_CONNECT_FAILED",
      message: expect.stringMatching(/not Apple's, but for .*, issued by "Throw-away Test CA" \(something between/),
    },
  });
});

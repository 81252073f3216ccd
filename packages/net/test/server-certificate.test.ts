import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { checkServerIdentity, connect, createServer, type TLSSocket } from "node:tls";
import { type TestIdentities, testIdentities } from "@apns/testkit";
import { expect, onTestFinished, test } from "vitest";
import { keepNodeFromReading, readServerCertificate } from "../src/index.js";

async function connectedTo(identity: TestIdentities["server"]): Promise<TLSSocket> {
  const server = createServer(identity, (socket) => socket.on("error", () => {})).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const socket = connect({ host: "127.0.0.1", port, servername: "localhost", rejectUnauthorized: false });
  keepNodeFromReading(socket);
  onTestFinished(() => {
    socket.destroy();
    server.close();
  });
  await once(socket, "secureConnect");
  return socket;
}

test("a server's certificate is read once, and says the same each time", async () => {
  const { server, ca } = await testIdentities();
  // With its issuer behind it, which Node would hand out at the second call.
  const socket = await connectedTo({ ...server, cert: server.cert + ca });
  const first = readServerCertificate(socket);
  expect(first.names).toMatchObject({
    subject: { CN: ["localhost"] },
    subjectaltname: expect.stringContaining("DNS:localhost, IP Address:127.0.0.1"),
  });
  expect(first.chain.map((der) => new X509Certificate(der).toString())).toEqual([server.cert, ca].map(String));
  expect(readServerCertificate(socket)).toBe(first);
  expect(socket.getPeerCertificate()).toBe(first.names);
});

test("a name is looked for in the subject where the certificate lists none", async () => {
  const { authority } = await testIdentities();
  const app = { bundleId: "com.example.App", teamId: "TEAM123456", environments: ["production"] } as const;
  const identity = await authority.issuePushCertificate({ ...app, commonName: "push.example", keyType: "ec" });
  const { names, description } = readServerCertificate(await connectedTo(identity));
  expect(names).toEqual({ subject: { CN: ["push.example"] }, subjectaltname: undefined });
  expect(checkServerIdentity("push.example", names)).toBeUndefined();
  expect(checkServerIdentity("other.example", names)).toMatchObject({ code: "ERR_TLS_CERT_ALTNAME_INVALID" });
  expect(description?.notAfter.getTime()).toBeGreaterThan(Date.now());
});

// Bun 1.4 makes the one out of the other, and went on until its stack was full.
test("a certificate is read where getPeerX509Certificate calls getPeerCertificate", async () => {
  const { server } = await testIdentities();
  const certificate = new X509Certificate(server.cert);
  const socket = {
    getPeerCertificate: () => ({ raw: certificate.raw }),
    getPeerX509Certificate: () => new X509Certificate(socket.getPeerCertificate().raw),
  };
  keepNodeFromReading(socket as unknown as TLSSocket);
  expect(readServerCertificate(socket as unknown as TLSSocket).names).toMatchObject({
    subject: { CN: ["localhost"] },
  });
});

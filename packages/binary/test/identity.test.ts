// Certificates in the shapes they come in, made by OpenSSL's own program.
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { testIdentities } from "@apns/testkit";
import { describe, expect, onTestFinished, test } from "vitest";
import { BinaryTransport, type BinaryTransportOptions, type CertificateAuth } from "../src/index.js";
import { pair, sendTogether, tokens } from "./helpers.js";
import { faithful, startRawGateway } from "./raw-gateway.js";

const hasOpenssl = spawnSync("openssl", ["version"]).status === 0;
if (!hasOpenssl) process.stderr.write("SKIPPED, no openssl: .p12 files and encrypted keys were not tested.\n");

const passphrase = "correct horse";

async function made(): Promise<{ pfx: Buffer; cert: string; encryptedKey: string }> {
  const { client } = await testIdentities();
  const folder = mkdtempSync(join(tmpdir(), "apns-binary-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = (name: string): string => join(folder, name);
  writeFileSync(file("cert.pem"), client.cert);
  writeFileSync(file("key.pem"), client.key);
  const openssl = (...args: string[]): void => void execFileSync("openssl", args, { stdio: "pipe" });
  const password = `pass:${passphrase}`;
  const identity = ["-in", file("cert.pem"), "-inkey", file("key.pem")];
  openssl("pkcs12", "-export", ...identity, "-out", file("push.p12"), "-passout", password);
  openssl(
    "pkcs8",
    "-topk8",
    "-in",
    file("key.pem"),
    "-out",
    file("locked.pem"),
    "-v2",
    "aes-256-cbc",
    "-passout",
    password,
  );
  return {
    pfx: readFileSync(file("push.p12")),
    cert: String(client.cert),
    encryptedKey: readFileSync(file("locked.pem"), "utf8"),
  };
}

describe.skipIf(!hasOpenssl)("the identity", () => {
  test.each(["a .p12 file", "an encrypted key"])("%s with its passphrase", async (shape) => {
    const { pfx, cert, encryptedKey } = await made();
    const { ca } = await testIdentities();
    let shown = "";
    const script = faithful();
    const gateway = await startRawGateway({
      ...script,
      opened: ({ socket }) => {
        shown = socket.getPeerCertificate().fingerprint256;
      },
    });
    onTestFinished(() => gateway.close());
    const identity = shape === "a .p12 file" ? { pfx, passphrase } : { cert, key: encryptedKey, passphrase };
    const auth: CertificateAuth = { type: "certificate", ...identity };
    const transport = new BinaryTransport({ environment: { host: "127.0.0.1", port: gateway.port, ca }, auth });
    onTestFinished(() => transport.close({ timeoutMs: 0 }));
    expect(await sendTogether(transport, tokens(3))).toEqual(Array(3).fill("accepted 1"));
    const { transport: plain, gateway: other } = await pair({
      ...faithful(),
      opened: ({ socket }) => expect(socket.getPeerCertificate().fingerprint256).toBe(shown),
    });
    await sendTogether(plain, tokens(1));
    expect(shown).not.toBe("");
    expect(other.connections).toHaveLength(1);
  });

  test.each([
    ["a .p12 file", "wrong"],
    ["a .p12 file", undefined],
    ["an encrypted key", "wrong"],
    ["an encrypted key", undefined],
  ])("%s with the passphrase %s is refused at once, and the passphrase is not repeated", async (shape, given) => {
    const { pfx, cert, encryptedKey } = await made();
    const identity = shape === "a .p12 file" ? { pfx } : { cert, key: encryptedKey };
    const options: BinaryTransportOptions = {
      environment: { host: "127.0.0.1", port: 1 },
      auth: { type: "certificate", ...identity, ...(given === undefined ? {} : { passphrase: given }) },
    };
    let error: unknown;
    try {
      new BinaryTransport(options);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toMatchObject({ code: "ERR_APNS_CREDENTIALS" });
    expect((error as Error).message).not.toContain("wrong");
  });
});

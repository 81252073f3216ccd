import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { rootCertificates } from "node:tls";
import { pathToFileURL } from "node:url";
import { describe, expect, it, onTestFinished } from "vitest";
import { apnsRoot, CertificateAuthority, inspectChainRoot, readCertificates } from "../src/index.ts";
import { fixture } from "./fixture.ts";

const pem = (name: string): string => fixture(name).toString();

describe("inspectChainRoot", () => {
  it("names the root that a chain without it ends in, and finds it among those that are trusted", () => {
    const chain = [pem("intermediate.pem"), pem("universal.pem")];
    const trusted = inspectChainRoot(chain, { roots: [pem("expired.pem"), "no certificate", pem("root.pem")] });
    expect(trusted).toEqual({
      name: "CN=Fixture Root CA, O=Nobody, C=US",
      isTrusted: true,
      isApnsRoot: false,
      notAfter: new Date("2124-01-01T00:00:00Z"),
      sha256Fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(inspectChainRoot(chain, { roots: [] })).toEqual({
      ...trusted,
      isTrusted: false,
      notAfter: undefined,
      sha256Fingerprint: undefined,
    });
    expect(inspectChainRoot([...chain, pem("root.pem")], { roots: [] })).toEqual({ ...trusted, isTrusted: false });
  });

  it("is not taken in by a root of the same name with another key", async () => {
    const [one, other] = await Promise.all([1, 2].map(() => CertificateAuthority.create({ keyType: "ec" })));
    const { cert } = await one!.issueServer({ hosts: ["localhost"] });
    expect(inspectChainRoot(cert, { roots: [other!.cert] })).toMatchObject({ isTrusted: false, notAfter: undefined });
    expect(inspectChainRoot(cert, { roots: [other!.cert, one!.cert] })).toMatchObject({ isTrusted: true });
  });

  it("asks the runtime's list, by default", async () => {
    const authority = await CertificateAuthority.create({ keyType: "ec" });
    const { cert } = await authority.issueServer({ hosts: ["localhost"] });
    expect(inspectChainRoot(cert)).toMatchObject({ name: "CN=APNs Test Authority", isTrusted: false });
    const known = rootCertificates[0]!;
    expect(inspectChainRoot(known)).toMatchObject({ isTrusted: true });
  });

  it("knows the root of APNs, also by its name alone", async () => {
    const usertrust = rootCertificates.find((root) => {
      const [found] = readCertificates(root);
      return inspectChainRoot(found!, { roots: [] }).name.includes(apnsRoot.commonName);
    });
    // Node's list will lose it one day; that is what the function is for.
    if (usertrust !== undefined) {
      expect(inspectChainRoot(usertrust)).toMatchObject({
        isTrusted: true,
        isApnsRoot: true,
        sha256Fingerprint: apnsRoot.sha256Fingerprint,
      });
    }
    const namesake = await CertificateAuthority.create({ keyType: "ec", commonName: apnsRoot.commonName });
    const { cert } = await namesake.issueServer({ hosts: ["localhost"] });
    expect(inspectChainRoot(cert, { roots: [] })).toMatchObject({ isTrusted: false, isApnsRoot: true });
    expect(inspectChainRoot(cert, { roots: [namesake.cert] })).toMatchObject({ isTrusted: true, isApnsRoot: false });
  });

  it("finds a root that NODE_EXTRA_CA_CERTS adds", async () => {
    const folder = mkdtempSync(join(tmpdir(), "apns-root-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const authority = await CertificateAuthority.create({ keyType: "ec" });
    const { cert } = await authority.issueServer({ hosts: ["localhost"] });
    writeFileSync(join(folder, "ca.pem"), authority.cert);
    const library = pathToFileURL(join(import.meta.dirname, "../dist/index.js"));
    const program = `const { inspectChainRoot } = await import(${JSON.stringify(String(library))});
      process.stdout.write(String(inspectChainRoot(${JSON.stringify(cert)}).isTrusted));`;
    const isTrusted = (extra: string) =>
      spawnSync(process.execPath, ["--input-type=module", "--eval", program], {
        env: { ...process.env, NODE_EXTRA_CA_CERTS: join(folder, extra) },
        encoding: "utf8",
        timeout: 30_000,
      }).stdout;
    expect([isTrusted("ca.pem"), isTrusted("none.pem")]).toEqual(["true", "false"]);
  });
});

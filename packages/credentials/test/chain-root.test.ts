import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as tls from "node:tls";
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
    const known = tls.rootCertificates[0]!;
    expect(inspectChainRoot(known)).toMatchObject({ isTrusted: true });
  });

  it("knows the root of APNs, also by its name alone", async () => {
    const usertrust = tls.rootCertificates.find((root) => {
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

  // From 22.15 on, Node itself says which roots it trusts.
  it.skipIf("getCACertificates" in tls)(
    "finds a root that NODE_EXTRA_CA_CERTS adds (only before Node 22.15)",
    async () => {
      const folder = mkdtempSync(join(tmpdir(), "apns-root-"));
      const before = process.env["NODE_EXTRA_CA_CERTS"];
      onTestFinished(() => {
        rmSync(folder, { recursive: true });
        if (before === undefined) delete process.env["NODE_EXTRA_CA_CERTS"];
        else process.env["NODE_EXTRA_CA_CERTS"] = before;
      });
      const authority = await CertificateAuthority.create({ keyType: "ec" });
      const { cert } = await authority.issueServer({ hosts: ["localhost"] });
      writeFileSync(join(folder, "ca.pem"), authority.cert);
      const isTrusted = ["ca.pem", "none.pem"].map((name) => {
        process.env["NODE_EXTRA_CA_CERTS"] = join(folder, name);
        return inspectChainRoot(cert).isTrusted;
      });
      expect(isTrusted).toEqual([true, false]);
    },
  );
});

import { X509Certificate } from "node:crypto";
import { CertificateAuthority } from "@apns/credentials";
import { expect, test } from "vitest";
import { checkRoot } from "./root.ts";

const authority = await CertificateAuthority.create({ keyType: "ec", commonName: "Inspecting Authority" });
const { cert } = await authority.issueServer({ hosts: ["api.push.apple.com"], keyType: "ec" });
const chain = [new X509Certificate(cert).raw];

test("a root that was given, or is missing, is named", () => {
  expect(checkRoot({ chain, ca: authority.cert, isApple: false })).toEqual({
    id: "root",
    status: "passed",
    finding: expect.stringMatching(/^CN=Inspecting Authority.*, from --ca, valid until \d{4}-\d\d-\d\d$/),
  });
  expect(checkRoot({ chain, ca: undefined, isApple: false })).toEqual({
    id: "root",
    status: "failed",
    finding: expect.stringMatching(/^the chain ends in CN=Inspecting Authority.*, which this runtime does not have$/),
    fix: "give the authority of this server by --ca",
  });
});

test("in Apple's place, another root than Apple's is a failure, even if it is trusted", () => {
  expect(checkRoot({ chain, ca: authority.cert, isApple: true })).toMatchObject({
    status: "failed",
    finding: expect.stringMatching(/CN=Inspecting Authority.*, not in USERTrust RSA Certification Authority$/),
    fix: expect.stringContaining("opens TLS"),
  });
});

test("a server that presents nothing that can be read is passed over", () => {
  expect(checkRoot({ chain: [], ca: undefined, isApple: true })).toMatchObject({ id: "root", status: "skipped" });
});

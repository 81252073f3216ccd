import { DerError, DerReader, decodeTopics, pushExtensions } from "@apns/core/der";
import { describe, expect, it } from "vitest";
import { encodeDer } from "../encoding.ts";
import { CertificateAuthority } from "../index.ts";
import { derNull, encodeTopics, usualTopics } from "./push-extensions.ts";
import { IssuedCertificate } from "./x509.ts";

// What a universal certificate of Apple's holds for this bundle ID, byte for byte.
const exampleApp =
  "30640c0f636f6d2e6578616d706c652e41707030050c036170700c14636f6d2e6578616d706c652e4170702e766f697030060c04766f6970" +
  "0c1c636f6d2e6578616d706c652e4170702e636f6d706c69636174696f6e300e0c0c636f6d706c69636174696f6e";
const hex = (bytes: Uint8Array | ArrayBuffer) => Buffer.from(bytes as Uint8Array).toString("hex");

describe("the list of topics", () => {
  it("is encoded as Apple does", () => {
    expect(hex(encodeTopics(usualTopics("com.example.App")))).toBe(exampleApp);
  });

  it("is read back", () => {
    expect(decodeTopics(Buffer.from(exampleApp, "hex"))).toEqual(usualTopics("com.example.App"));
  });

  it("survives lengths beyond 127 and 255 bytes", () => {
    const topics = Array.from({ length: 40 }, (_, index) => ({
      topic: `com.example.${"x".repeat(index * 9)}`,
      kind: "app",
    }));
    expect(decodeTopics(encodeTopics(topics))).toEqual(topics);
  });

  it("stands in the certificate with exactly these bytes, beside the two marks", async () => {
    const authority = await CertificateAuthority.create({ keyType: "ec" });
    const { cert } = await authority.issuePushCertificate({
      bundleId: "com.example.App",
      teamId: "TEAM123456",
      environments: ["production", "development"],
    });
    const certificate = new IssuedCertificate(cert);
    const content = (suffix: number) => hex(certificate.getExtension(`1.2.840.113635.100.6.3.${suffix}`)!.value);
    expect(content(1)).toBe("0500");
    expect(content(2)).toBe(hex(derNull));
    expect(content(6)).toBe(exampleApp);
    expect(pushExtensions.topics).toBe("1.2.840.113635.100.6.3.6");
  });

  it("that was cut short, at any byte, is refused and never read beyond", () => {
    const bytes = Buffer.from(exampleApp, "hex");
    for (let end = 0; end < bytes.length; end++) {
      expect(() => decodeTopics(bytes.subarray(0, end))).toThrow(DerError);
    }
  });

  it.each(["0500", "30020500", "300630000c00", "30800000"])("of another shape (%s) is refused", (bytes) => {
    expect(() => decodeTopics(Buffer.from(bytes, "hex"))).toThrow(DerError);
  });
});

describe("DER", () => {
  it.each([
    [0, "0c00"],
    [127, "0c7f"],
    [128, "0c8180"],
    [255, "0c81ff"],
    [256, "0c820100"],
    [65_536, "0c83010000"],
  ])("writes a length of %i as %s", (length, head) => {
    const encoded = encodeDer(0x0c, new Uint8Array(length));
    expect(hex(encoded.subarray(0, head.length / 2))).toBe(head);
    expect(new DerReader(encoded).next("it")).toMatchObject({ tag: 0x0c, content: { length } });
  });
});

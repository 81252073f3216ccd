import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type DerNode, mutateDer, parseTree, serializeTree } from "../../../testkit/src/mutate-der.ts";
import { seeded } from "../../../testkit/src/seeded.ts";
import { describePublicKey, type KeyAlgorithm } from "./key-algorithm.ts";
import { describePrivateKey } from "./private-key.ts";
import { DerError } from "./reader.ts";

const rsa = generateKeyPairSync("rsa", { modulusLength: 1024 }).privateKey;
const ec = generateKeyPairSync("ec", { namedCurve: "prime256v1" }).privateKey;

const pkcs8 = (key: KeyObject): Buffer => key.export({ type: "pkcs8", format: "der" });
const sec1 = (key: KeyObject): Buffer => key.export({ type: "sec1", format: "der" });
const spki = (key: KeyObject): Buffer => createPublicKey(key).export({ type: "spki", format: "der" });

/** DER with something in its tree changed. */
function changed(der: Buffer, change: (root: DerNode) => void): Buffer {
  const root = parseTree(der);
  change(root);
  return serializeTree(root);
}

const refusal = (message: RegExp) =>
  expect.objectContaining({ name: "DerError", message: expect.stringMatching(message) });

describe("keys that Node makes", () => {
  const curve = (namedCurve: string) => generateKeyPairSync("ec", { namedCurve }).privateKey;
  it.each<[string, KeyObject, KeyAlgorithm]>([
    ["RSA", rsa, { type: "rsa", modulusBits: 1024 }],
    [
      "RSA-PSS",
      generateKeyPairSync("rsa-pss", { modulusLength: 1024 }).privateKey,
      { type: "rsa-pss", modulusBits: 1024 },
    ],
    ["P-256", ec, { type: "ec", curve: "prime256v1" }],
    ["P-384", curve("secp384r1"), { type: "ec", curve: "secp384r1" }],
    ["P-521", curve("secp521r1"), { type: "ec", curve: "secp521r1" }],
    ["Ed25519", generateKeyPairSync("ed25519").privateKey, { type: "ed25519" }],
    ["Ed448", generateKeyPairSync("ed448").privateKey, { type: "ed448" }],
    ["X25519", generateKeyPairSync("x25519").privateKey, { type: "x25519" }],
    ["X448", generateKeyPairSync("x448").privateKey, { type: "x448" }],
    ["another curve", curve("secp256k1"), { type: "other", name: "EC on the curve 1.3.132.0.10" }],
    [
      "a curve spelled out",
      generateKeyPairSync("ec", { namedCurve: "prime256v1", paramEncoding: "explicit" }).privateKey,
      { type: "other", name: "EC on a curve of its own" },
    ],
    [
      "DSA",
      generateKeyPairSync("dsa", { modulusLength: 1024, divisorLength: 160 }).privateKey,
      { type: "other", name: "DSA" },
    ],
    [
      "DH",
      generateKeyPairSync("dh" as "x25519", { group: "modp14" } as object).privateKey,
      { type: "other", name: "DH" },
    ],
  ])("are told apart: %s", (_, key, algorithm) => {
    expect(describePrivateKey(pkcs8(key))).toEqual({ format: "pkcs8", algorithm });
    expect(describePublicKey(spki(key))).toEqual(algorithm);
  });

  it("are told apart in their older formats", () => {
    const pkcs1 = rsa.export({ type: "pkcs1", format: "der" });
    expect(describePrivateKey(pkcs1)).toEqual({ format: "pkcs1", algorithm: { type: "rsa", modulusBits: 1024 } });
    expect(describePrivateKey(sec1(ec))).toEqual({ format: "sec1", algorithm: { type: "ec", curve: "prime256v1" } });
  });
});

describe("the number of an EC key", () => {
  const number = Buffer.from(ec.export({ format: "jwk" }).d!, "base64url");
  const order = Buffer.from("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551", "hex");
  const beforeOrder = Buffer.concat([order.subarray(0, -1), Buffer.of(0x50)]);
  const withNumber = (bytes: Buffer): Buffer =>
    changed(sec1(ec), (root) => {
      root.children![1] = { tag: 4, content: bytes, children: undefined };
    });

  it.each([
    ["as it is", number],
    ["with a zero in front", Buffer.concat([Buffer.alloc(1), number])],
    ["one", Buffer.of(1)],
    ["the greatest", beforeOrder],
  ])("may be %s", (_, bytes) => {
    const der = withNumber(bytes);
    expect(describePrivateKey(der).format).toBe("sec1");
    expect(createPrivateKey({ key: der, format: "der", type: "sec1" }).asymmetricKeyType).toBe("ec");
  });

  // The first ends the process of Node 20 at `asymmetricKeyDetails`.
  it.each([
    ["twice as long", Buffer.concat([number, number])],
    ["twice as long, but for zeros", Buffer.concat([Buffer.alloc(32), number])],
    ["the curve's order", order],
    ["all ones", Buffer.alloc(32, 0xff)],
    ["zero", Buffer.alloc(32)],
    ["missing", Buffer.alloc(0)],
  ])("may not be %s", (_, bytes) => {
    expect(() => describePrivateKey(withNumber(bytes))).toThrow(
      refusal(new RegExp(`^the prime256v1 key is ${bytes.length} bytes that are no private key of that curve`)),
    );
  });
});

describe("describePrivateKey refuses", () => {
  const p384 = sec1(generateKeyPairSync("ec", { namedCurve: "secp384r1" }).privateKey);
  it.each<[string, () => Buffer, RegExp]>([
    ["nothing", () => Buffer.alloc(0), /^the private key is missing/],
    ["bytes behind a key", () => Buffer.concat([pkcs8(ec), Buffer.of(0)]), /followed by 1 bytes too many/],
    [
      "bytes behind the inner key",
      () =>
        changed(pkcs8(ec), (root) => {
          const inner = root.children![2]!;
          root.children![2] = {
            tag: 4,
            content: Buffer.concat([serializeTree(inner.children![0]!), Buffer.of(5, 0)]),
            children: undefined,
          };
        }),
      /^the EC key is followed by 2 bytes too many/,
    ],
    [
      "a version of the future",
      () =>
        changed(pkcs8(ec), (root) => {
          root.children![0]!.content = Buffer.of(2);
        }),
      /version 2; 0 and 1 are known/,
    ],
    [
      "two curves in one key",
      () =>
        changed(pkcs8(ec), (root) => {
          root.children![2]!.children = [parseTree(p384)];
        }),
      /^the EC key names two curves/,
    ],
    [
      "no curve",
      () => changed(sec1(ec), (root) => void root.children!.splice(2, 1)),
      /^the EC key does not say on which curve/,
    ],
    [
      "half a point",
      () =>
        changed(sec1(ec), (root) => {
          root.children![3]!.children![0]!.content = Buffer.alloc(34, 4).fill(0, 0, 1);
        }),
      /^the prime256v1 key's public half is 33 bytes/,
    ],
    [
      "an RSA exponent as long as its modulus",
      () =>
        changed(rsa.export({ type: "pkcs1", format: "der" }), (root) => {
          root.children![2]!.content = root.children![1]!.content;
        }),
      /^the RSA key's public exponent has 1024 bits; an odd number of 2 to 64/,
    ],
    [
      "an RSA key with a number longer than its modulus",
      () =>
        changed(rsa.export({ type: "pkcs1", format: "der" }), (root) => {
          root.children![6]!.content = Buffer.alloc(4000, 0x41);
        }),
      /^the RSA key's first exponent has 4000 bytes; from 1 to the modulus' 128/,
    ],
    [
      "an RSA key as large as a file",
      () =>
        changed(rsa.export({ type: "pkcs1", format: "der" }), (root) => {
          root.children![1]!.content = Buffer.alloc(100_000, 0x41);
        }),
      /^the RSA key's modulus has 799999 bits; an odd number of 512 to 16384/,
    ],
    [
      "a negative number",
      () =>
        changed(rsa.export({ type: "pkcs1", format: "der" }), (root) => {
          root.children![3]!.content = Buffer.of(0x80);
        }),
      /^the RSA key's private exponent is negative/,
    ],
  ])("%s", (_, make, message) => {
    expect(() => describePrivateKey(make())).toThrow(refusal(message));
  });
});

it("keys throw nothing but the declared error, whatever the bytes", () => {
  const onlyDeclared = (read: (der: Uint8Array) => unknown, der: Uint8Array): void => {
    try {
      read(der);
    } catch (error) {
      expect(error).toBeInstanceOf(DerError);
    }
  };
  const random = seeded(2);
  for (const read of [describePrivateKey, describePublicKey]) {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (der) => onlyDeclared(read, der)));
    const sound = read === describePrivateKey ? [pkcs8(rsa), pkcs8(ec), sec1(ec)] : [spki(rsa), spki(ec)];
    for (let count = 0; count < 500; count++) onlyDeclared(read, mutateDer(sound[count % sound.length]!, random));
  }
});

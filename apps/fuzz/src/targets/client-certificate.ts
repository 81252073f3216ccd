// A client certificate with a fixed key, so that the same seed makes the same certificates in every process.
import { createECDH, createHash, createPrivateKey, createPublicKey, type KeyObject, sign } from "node:crypto";
import { type DerNode, mutateTree, parseTree, serializeTree } from "@apns/testkit/mutate-der";
import type { Random } from "../inputs/random.js";

/** A key of P-256 made of a name: worth nothing, as everybody can make it. */
function keyOf(name: string): KeyObject {
  const d = createHash("sha256").update(name).digest();
  const ecdh = createECDH("prime256v1");
  ecdh.setPrivateKey(d);
  const point = ecdh.getPublicKey();
  const [x, y] = [point.subarray(1, 33), point.subarray(33)].map((half) => half.toString("base64url"));
  return createPrivateKey({
    format: "jwk",
    key: { kty: "EC", crv: "P-256", d: d.toString("base64url"), x: x!, y: y! },
  });
}

const authorityKey = keyOf("authority");
const clientKey = keyOf("client");

export const clientKeyPem: string = clientKey.export({ type: "pkcs8", format: "pem" }) as string;

const encode = (tag: number, ...parts: readonly Buffer[]): Buffer =>
  serializeTree({ tag, content: Buffer.concat(parts), children: undefined });
const sequence = (...parts: readonly Buffer[]): Buffer => encode(0x30, ...parts);
const oid = (hex: string): Buffer => encode(0x06, Buffer.from(hex, "hex"));
const attribute = (type: string, content: string): Buffer =>
  encode(0x31, sequence(oid(type), encode(0x0c, Buffer.from(content))));

const uid = "0992268993f22c640101";
const commonName = "550403";
const organizationalUnit = "55040b";
const country = "550406";

const issuer = sequence(attribute(commonName, "Fuzz CA"));
const ecdsaWithSha256 = sequence(oid("2a8648ce3d040302"));
const spkiOf = (key: KeyObject): Buffer => createPublicKey(key).export({ type: "spki", format: "der" });

/** DER of a certificate that the authority has signed. */
function certificate(serial: number, subject: Buffer, key: KeyObject, extensions: readonly string[]): Buffer {
  const signed = sequence(
    encode(0xa0, encode(0x02, Buffer.of(2))),
    encode(0x02, Buffer.of(serial)),
    ecdsaWithSha256,
    issuer,
    sequence(encode(0x17, Buffer.from("200101000000Z")), encode(0x17, Buffer.from("491231235959Z"))),
    subject,
    spkiOf(key),
    encode(0xa3, sequence(...extensions.map((hex) => Buffer.from(hex, "hex")))),
  );
  return sequence(signed, ecdsaWithSha256, bitString(signed));
}

function bitString(signed: Buffer): Buffer {
  // Not ECDSA's own, which is another one each time: a certificate is signed before it is shown.
  return encode(0x03, Buffer.of(0), createHash("sha256").update(signed).digest());
}

/** Names, addresses, policies, constraints, and Apple's marks of environments and topics. */
const clientExtensions: readonly string[] = [
  "300c0603551d130101ff04023000",
  "300e0603551d0f0101ff0404030205a0",
  "30130603551d25040c300a06082b06010505070302",
  "30330603551d11042c302a820b6578616d706c652e636f6d8704010203048101788605687474703aa00b06032a0304a0040c026869",
  "30100603551d2004093007300506032a0304",
  "3010060a2a864886f7636406030104020500",
  "3010060a2a864886f7636406030204020500",
  "3024060a2a864886f76364060306041630140c0b636f6d2e6578616d706c6530050c03617070",
];

const clientName = sequence(
  attribute(uid, "com.example.App"),
  attribute(commonName, "Apple Push Services: com.example.App"),
  attribute(organizationalUnit, "TEAM123456"),
  attribute(country, "US"),
);

/** The authority that a server under test trusts, PEM. */
export const authorityPem: string = toPem(
  signedByAuthority(certificate(1, issuer, authorityKey, ["300f0603551d130101ff040530030101ff"])),
);

/** A sound push certificate as DER, but for its signature. */
export const soundClient: Buffer = certificate(2, clientName, clientKey, clientExtensions);

/** Damages some of its values, but not the key: that of another would end the handshake before anybody looks. */
export function mutateClient(seed: Uint8Array, random: Random): Uint8Array {
  const root = treeOf(seed);
  if (root === undefined) return random.bytes(100);
  const key = root.children?.[0]?.children?.find((node) => serializeTree(node).equals(spkiOf(clientKey)));
  mutateTree(root, random.fraction, (node) => node !== key);
  return serializeTree(root);
}

/** The certificate with a sound signature of the authority, if it still has a place for one. */
export function signedByAuthority(der: Uint8Array): Buffer {
  const root = treeOf(der);
  if (root?.children?.length !== 3) return Buffer.from(der);
  const signature = sign("sha256", serializeTree(root.children[0]!), authorityKey);
  root.children[2] = { tag: 0x03, content: Buffer.concat([Buffer.of(0), signature]), children: undefined };
  return serializeTree(root);
}

export function toPem(der: Uint8Array): string {
  const lines = Buffer.from(der).toString("base64").replaceAll(/.{64}/g, "$&\n").trimEnd();
  return `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`;
}

function treeOf(der: Uint8Array): DerNode | undefined {
  try {
    return parseTree(der);
  } catch {
    return undefined;
  }
}

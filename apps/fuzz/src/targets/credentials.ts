// Files that people get from Apple's portal, from Keychain or from strangers, to everything that reads them.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describeCertificate, describePrivateKey, describePublicKey } from "@apns/core/der";
import {
  CertificateAuthority,
  describePushCertificate,
  inspectCertificates,
  inspectProviderToken,
  inspectSigningKey,
  readCertificates,
  readIdentity,
  readP12,
  readPrivateKey,
  readVerificationKey,
  writeCertificateDer,
  writeP12,
  writePrivateKey,
} from "@apns/credentials";
import { signProviderToken } from "@apns/http2";
import { mutateDer } from "@apns/testkit/mutate-der";
import { mayRefuse } from "../declared.js";
import { credentialFixtures } from "../folders.js";
import { mutateText } from "../inputs/mutate-text.js";
import type { Random } from "../inputs/random.js";
import type { OpenTarget, Target } from "../target.js";

type Reader = (file: Buffer) => unknown;

const passphrase = "secret";

/** A part of a provider token. */
const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");

/** A file may ask each reader for four seconds of key derivation; a busy machine takes twice as long. */
const derivationMs = 8000;

const fixture = (name: string): Buffer => readFileSync(join(credentialFixtures, name));

/** What stands between the lines of a PEM file. */
const derOf = (name: string): Buffer =>
  Buffer.from(
    fixture(name)
      .toString()
      .replaceAll(/-----.*-----|\s/g, ""),
    "base64",
  );

/** A damaged value in sound DER; or damaged bytes, where what was chosen is none. */
function changeDer(seed: Uint8Array, random: Random): Uint8Array {
  try {
    return mutateDer(seed, random.fraction);
  } catch {
    return random.bytes(seed.length % 200);
  }
}

const pemWords = [
  "-----BEGIN CERTIFICATE-----",
  "-----END CERTIFICATE-----",
  "-----BEGIN PRIVATE KEY-----",
  "-----BEGIN ENCRYPTED PRIVATE KEY-----",
  "-----BEGIN EC PRIVATE KEY-----",
  "-----BEGIN RSA PRIVATE KEY-----",
  "-----BEGIN PKCS7-----",
  "-----BEGIN",
  "-----",
  "Proc-Type: 4,ENCRYPTED",
  "DEK-Info: AES-256-CBC,00",
  "DEK-Info: DES-EDE3-CBC,0011223344556677",
  "MII",
  "====",
];

/** Damage in the text, or in the DER of one of its blocks. */
function changePem(seed: Uint8Array, random: Random): Uint8Array {
  const text = Buffer.from(seed).toString("latin1");
  const blocks = [...text.matchAll(/-----BEGIN ([A-Z0-9 ]{1,40})-----([A-Za-z0-9+/=\s]*)-----END \1-----/g)];
  if (blocks.length === 0 || random.oneIn(3)) return Buffer.from(mutateText(text, pemWords, random));
  const block = random.pick(blocks);
  const der = Buffer.from(changeDer(Buffer.from(block[2]!, "base64"), random)).toString("base64");
  const changed = `-----BEGIN ${block[1]}-----\n${der.replaceAll(/.{64}/g, "$&\n")}\n-----END ${block[1]}-----`;
  return Buffer.from(text.replace(block[0], () => changed));
}

async function feed(readers: readonly Reader[], input: Uint8Array): Promise<void> {
  for (const read of readers) await mayRefuse(() => read(Buffer.from(input)));
}

const token = `${part({ alg: "ES256", kid: "ABC123DEFG" })}.${part({ iss: "TEAM123456", iat: 1 })}.AAAA`;

const keyReaders: readonly Reader[] = [
  (file) => readPrivateKey(file, { passphrase }),
  (file) => inspectSigningKey(file, { passphrase }),
  (file) => readVerificationKey(file),
  (file) => writePrivateKey(file, { passphrase }),
  (file) => inspectProviderToken(token, { key: file }),
];

const certificateReaders: readonly Reader[] = [
  (file) => readIdentity(file, { passphrase }),
  (file) => readCertificates(file, { passphrase }),
  (file) => inspectCertificates(file, { passphrase }),
  (file) => describePushCertificate(file),
  (file) => writeCertificateDer(file),
  (file) => readIdentity([file, fixture("push.key")]),
];

/** What is sound is encrypted here, which takes longer than all other readers. */
const writers: readonly Reader[] = [
  (file) => writeP12({ cert: fixture("universal.pem").toString(), key: file.toString("latin1") }, { passphrase }),
  (file) => writeP12({ cert: file.toString("latin1"), key: fixture("push.key").toString() }, { passphrase }),
];

const p12Seeds = ["3des.p12", "aes-256.p12", "rc2-40.p12", "no-encryption.p12", "no-mac.p12", "key-only.p12"];
const pemSeeds = ["combined.pem", "universal.pem", "bundle.p7b.pem", "encrypted-aes.key", "encrypted-traditional.key"];
const undeclared = Array.from({ length: 16 }, (_, index) => `undeclared/fail-${index + 1}`);

export const p12: Target = {
  name: "p12",
  summary: "archives (.p12), to the reader of them and to what reads any credential",
  maxInputBytes: 16_384,
  maxMs: 3 * derivationMs,
  testInputs: 30,
  open: () => ({
    seeds: p12Seeds.map(fixture),
    mutate: changeDer,
    run: (input) =>
      feed(
        [
          (file) => readP12(file, { passphrase }),
          (file) => readIdentity(file, { passphrase }),
          (file) => inspectCertificates(file, { passphrase }),
        ],
        input,
      ),
  }),
};

export const pem: Target = {
  name: "pem",
  summary: "certificates and keys as PEM, to everything that reads them",
  maxInputBytes: 32_768,
  maxMs: 8 * derivationMs,
  testInputs: 100,
  open: () => ({
    seeds: [...pemSeeds, "root.pem", "push.key", "sec1.key", "pkcs1.key"].map(fixture),
    mutate: changePem,
    run: (input) => feed([...certificateReaders, ...keyReaders], input),
  }),
};

export const der: Target = {
  name: "der",
  summary: "certificates and keys as DER, to everything that reads them",
  maxInputBytes: 16_384,
  maxMs: 8 * derivationMs,
  testInputs: 120,
  open: () => ({
    seeds: [
      fixture("universal.cer"),
      fixture("push-key.der"),
      ...["root.pem", "sec1.key", "pkcs1.key", "expired.pem"].map(derOf),
      ...undeclared.map(fixture),
    ],
    mutate: changeDer,
    run: (input) =>
      feed(
        [...certificateReaders, ...keyReaders, ...writers, describeCertificate, describePrivateKey, describePublicKey],
        input,
      ),
  }),
};

export const p8: Target = {
  name: "p8",
  summary: "signing keys (.p8), to everything that reads them and to what signs with them",
  maxInputBytes: 8192,
  maxMs: 8 * derivationMs,
  testInputs: 200,
  open: () => ({
    seeds: ["AuthKey_ABC123DEFG.p8", "p384.p8", "sec1.key", "encrypted-scrypt.key"].map(fixture),
    mutate: changePem,
    run: (input) =>
      feed([...keyReaders, (key) => signProviderToken({ key, keyId: "ABC123DEFG", teamId: "TEAM123456" })], input),
  }),
};

const jwtWords = ['{"alg":"none"}', '"ES256"', '"kid":', '"iss":', '"iat":1e400', ".", "..", "e30", "bearer "];

/** Damage in the text, or in what one of its parts is base64 of. */
function changeJwt(seed: Uint8Array, random: Random): Uint8Array {
  const text = Buffer.from(seed).toString("latin1");
  const parts = text.split(".");
  if (random.oneIn(3)) return Buffer.from(mutateText(text, jwtWords, random));
  const at = random.below(parts.length);
  const content = Buffer.from(parts[at]!, "base64url").toString();
  parts[at] = Buffer.from(mutateText(content, jwtWords, random)).toString("base64url");
  return Buffer.from(parts.join("."));
}

export const jwt: Target = {
  name: "jwt",
  summary: "provider tokens, to what inspects them",
  maxInputBytes: 8192,
  maxMs: 2000,
  testInputs: 500,
  open: () => {
    const key = fixture("AuthKey_ABC123DEFG.p8");
    const head = part({ alg: "ES256", kid: "ABC123DEFG" });
    return {
      seeds: [
        `${head}.${part({ iss: "TEAM123456", iat: 1_700_000_000 })}.${Buffer.alloc(64, 7).toString("base64url")}`,
        `bearer ${head}.${part({ iss: "TEAM123456" })}.AAAA`,
        `${part({ alg: "RS256", typ: "JWT" })}.${part({ iat: "1", iss: 5, aud: ["a"] })}.`,
      ].map((text) => Buffer.from(text)),
      mutate: changeJwt,
      run: (input) =>
        feed(
          [
            (file) => inspectProviderToken(file.toString("latin1")),
            (file) => inspectProviderToken(file.toString(), { key, keyId: "ABC123DEFG", teamId: "TEAM123456" }),
          ],
          input,
        ),
    };
  },
};

export const csr: Target = {
  name: "csr",
  summary: "certificate signing requests, to an authority that issues push certificates for them",
  maxInputBytes: 16_384,
  maxMs: 4000,
  testInputs: 150,
  open: async (): Promise<OpenTarget> => {
    const authority = await CertificateAuthority.create({ keyType: "ec" });
    const push = { bundleId: "com.example.App", teamId: "TEAM123456", environments: ["production"] } as const;
    return {
      seeds: [fixture("request.csr"), derOf("request.csr")],
      mutate: (seed, random) => (seed[0] === 0x30 ? changeDer(seed, random) : changePem(seed, random)),
      run: (input) => feed([(file) => authority.signPushRequest(file, push)], input),
    };
  },
};

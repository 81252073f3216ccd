// Files that ended the process, or drew an error that no reader declares: each reader answers each of them, or throws an error
// of this family with a code and a next step. Files damaged as they were are made without end by apps/fuzz.
import { generateKeyPairSync, sign, X509Certificate } from "node:crypto";
import { readdirSync } from "node:fs";
import { ApnsError } from "@apns/core";
import { encodePem } from "@apns/core/der";
import { beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import { type DerNode, parseTree, serializeTree } from "../../testkit/src/mutate-der.ts";
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
} from "../src/index.ts";
import { fixture, passphrase } from "./fixture.ts";

let authority: CertificateAuthority;
beforeAll(async () => {
  authority = await CertificateAuthority.create({ keyType: "ec" });
});

const token = `${btoa('{"alg":"ES256","kid":"ABC123DEFG"}')}.${btoa('{"iss":"TEAM123456","iat":1}')}.AAAA`.replaceAll(
  "=",
  "",
);
const push = { bundleId: "com.example.App", teamId: "TEAM123456", environments: ["production"] } as const;

const readers: Readonly<Record<string, (file: Buffer) => unknown>> = {
  describePushCertificate,
  inspectCertificates: (file) => inspectCertificates(file, { passphrase }),
  inspectProviderToken: (file) => inspectProviderToken(file.toString("latin1")),
  "inspectProviderToken, its key": (file) => inspectProviderToken(token, { key: file }),
  inspectSigningKey: (file) => inspectSigningKey(file, { passphrase }),
  readCertificates: (file) => readCertificates(file, { passphrase }),
  readIdentity: (file) => readIdentity(file, { passphrase }),
  "readIdentity, beside a key": (file) => readIdentity([file, fixture("push.key")]),
  readP12: (file) => readP12(file, { passphrase }),
  readPrivateKey: (file) => readPrivateKey(file, { passphrase }),
  readVerificationKey,
  signPushRequest: (file) => authority.signPushRequest(file, push),
  writeCertificateDer,
  "writeP12, its certificate": (file) =>
    writeP12({ cert: file.toString("latin1"), key: fixture("push.key").toString() }, { passphrase }),
  "writeP12, its key": (file) =>
    writeP12({ cert: fixture("universal.pem").toString(), key: file.toString("latin1") }, { passphrase }),
  writePrivateKey: (file) => writePrivateKey(file, { passphrase }),
};

/** What a reader makes of a file: `answered`, or the code of a declared error; anything else is thrown on. */
async function outcomeOf(read: (file: Buffer) => unknown, file: Buffer): Promise<string> {
  try {
    await read(file);
    return "answered";
  } catch (error) {
    if (error instanceof ApnsError) return error.code;
    throw error;
  }
}

async function everyReader(file: Buffer): Promise<Record<string, string>> {
  const outcomes: Record<string, string> = {};
  for (const [name, read] of Object.entries(readers)) {
    try {
      outcomes[name] = await outcomeOf(read, file);
    } catch (cause) {
      throw new Error(`${name}: ${String(cause)}\n${file.toString("base64")}`, { cause });
    }
  }
  return outcomes;
}

const unreadable = "ERR_APNS_CREDENTIALS_UNREADABLE";

describe("files that drew undeclared errors", () => {
  const files = readdirSync(new URL("fixtures/undeclared", import.meta.url));

  it("are sixteen", () => expect(files).toHaveLength(16));

  it.each(files.filter((name) => name !== "fail-3"))("%s is a damaged certificate", async (name) => {
    const outcomes = await everyReader(fixture(`undeclared/${name}`));
    const wanting = [
      "describePushCertificate",
      "inspectCertificates",
      "readCertificates",
      "readIdentity",
      "writeCertificateDer",
    ];
    for (const reader of wanting) expect(outcomes[reader], reader).toBe(unreadable);
    expect(Object.values(outcomes)).not.toContain("answered");
  });

  it("fail-3 is a damaged key", async () => {
    const outcomes = await everyReader(fixture("undeclared/fail-3"));
    for (const reader of ["inspectSigningKey", "readPrivateKey", "readIdentity", "inspectCertificates"]) {
      expect(outcomes[reader], reader).toBe(unreadable);
    }
    expect(Object.values(outcomes)).not.toContain("answered");
  });
});

describe("a key that ends the process of Node 20", () => {
  const pkcs8 = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({ type: "pkcs8", format: "der" });
  const pem = (der: Buffer): string =>
    `-----BEGIN PRIVATE KEY-----\n${der.toString("base64").replaceAll(/.{64}/g, "$&\n")}\n-----END PRIVATE KEY-----\n`;
  const numberOf = (root: DerNode): DerNode => root.children![2]!.children![0]!.children![1]!;
  const tooLong = parseTree(pkcs8);
  numberOf(tooLong).content = Buffer.concat([numberOf(tooLong).content, numberOf(tooLong).content]);
  numberOf(tooLong).children = undefined;

  it.each([
    "readPrivateKey",
    "writePrivateKey",
    "inspectSigningKey",
    "readVerificationKey",
    "inspectProviderToken, its key",
  ])("is damaged to %s", async (name) => {
    for (const file of [serializeTree(tooLong), Buffer.from(pem(serializeTree(tooLong)))]) {
      expect(await outcomeOf(readers[name]!, file)).toBe(unreadable);
    }
  });

  it("is damaged in a .p12, too", async () => {
    // As `openssl pkcs12 -export -keypbe NONE -certpbe NONE -nomac` packs it.
    const root = parseTree(fixture("no-encryption.p12"));
    const bags: DerNode[] = [];
    const find = (node: DerNode): void => {
      const [type, value] = node.children ?? [];
      if (type?.tag === 6 && type.content.toString("hex") === "2a864886f70d010c0a0101") bags.push(value!);
      node.children?.forEach(find);
    };
    // The authenticity of what was changed is not what is tested.
    root.children!.splice(2);
    find(root);
    expect(bags).toHaveLength(1);
    bags[0]!.children = [tooLong];
    expect(await outcomeOf(readers["readP12"]!, serializeTree(root))).toBe(unreadable);
  });
});

it("keys of kinds that nothing needs are refused by name, and not given to Node", async () => {
  const dsa = generateKeyPairSync("dsa", { modulusLength: 1024, divisorLength: 160 }).privateKey;
  const der = dsa.export({ type: "pkcs8", format: "der" });
  expect(() => readPrivateKey({ name: "old.key", content: der })).toThrow(
    expect.objectContaining({
      code: "ERR_APNS_CREDENTIALS_KEY_UNSUITABLE",
      message: expect.stringMatching(/^old\.key is a key of kind DSA, which no push certificate/),
    }),
  );
});

describe("sixty-four certificates of one name", () => {
  /** Root certificates of one name and key, each with a serial number of its own. */
  function namesakes(resigned: boolean): string {
    const root = new X509Certificate(authority.cert).raw;
    const key = generateKeyPairSync("ec", { namedCurve: "P-256" });
    return Array.from({ length: 64 }, (_, index) => {
      const tree = parseTree(root);
      const fields = tree.children![0]!.children!;
      fields[1]!.content = Buffer.of(1, index);
      if (resigned) {
        fields[6] = parseTree(key.publicKey.export({ type: "spki", format: "der" }));
        // The key identifiers would name the key that was there before.
        fields.splice(7);
        const signature = sign("sha256", serializeTree(tree.children![0]!), key.privateKey);
        tree.children![2] = { tag: 3, content: Buffer.concat([Buffer.of(0), signature]), children: undefined };
      }
      return encodePem("CERTIFICATE", serializeTree(tree));
    }).join("");
  }

  it.each([
    ["none of which signed another", false],
    ["each of which signed all others", true],
  ])("%s, are compared with a few others each", (_, resigned) => {
    const verify = vi.spyOn(X509Certificate.prototype, "verify");
    onTestFinished(() => void verify.mockRestore());
    inspectCertificates(namesakes(resigned));
    expect(verify.mock.calls.length).toBeLessThanOrEqual(64 * 9);
  });
});

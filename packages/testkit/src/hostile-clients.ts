// Hostile client certificates: those that have ended a process, and any number of damaged ones. None is stored: each is made
// from a valid certificate by changes to its DER.
import { generateKeyPairSync, type KeyObject, sign, X509Certificate } from "node:crypto";
import { createSecureContext } from "node:tls";
import type { PemIdentity } from "@apns/credentials";
import { testIdentities } from "./identities.js";
import { type DerNode, mutateTree, parseTree, serializeTree } from "./mutate-der.js";
import { seeded } from "./seeded.js";

export interface HostileClient extends PemIdentity {
  readonly name: string;
}

export interface HostileClients {
  /** PEM of the authority that signed every second one of `damaged`; a server may trust it. */
  readonly ca: string;
  /** Certificates that ended the process of some version of Node. */
  readonly known: readonly HostileClient[];
  /** An endless sequence of damaged ones, the same for the same seed; OpenSSL can present each in a handshake. */
  damaged(seed: number): Generator<HostileClient, never>;
  /** Sound ones without end, each with another subject of this length, in bytes. */
  large(subjectBytes: number): Generator<HostileClient, never>;
}

/** Extensions to damage: names, addresses, policies, Apple's own. */
const extensions: readonly string[] = [
  "300c0603551d130101ff04023000",
  "300e0603551d0f0101ff0404030205a0",
  "30220603551d25041b301906082b0601050507030206082b0601050507030106032a0304",
  "307c0603551d11047530738209612e6578616d706c65820b2a2e622e6578616d706c6587040102030487100000000000000000000000000000000181057840792e7a8609687474703a2f2f752f88022a03a41e301c310c300a06035504030c03666f6f310c300a060355040a0c03626172a00b06032a0304a0040c026869",
  "304f06082b0601050507010104433041301806082b06010505073001860c687474703a2f2f6f6373702f301606082b06010505073002860a687474703a2f2f63612f300d06082b06010505073002820178",
  "301c0603551d1f041530133011a00fa00d860b687474703a2f2f63726c2f",
  "30100603551d2004093007300506032a0304",
  "30170603551d1e0410300ea00c300a82082e6578616d706c65",
  "3010060a2a864886f7636406030104020500",
  "3010060a2a864886f7636406030204020500",
  "3024060a2a864886f76364060306041630140c0b636f6d2e6578616d706c6530050c03617070",
];

export async function hostileClients(): Promise<HostileClients> {
  const { ca, client } = await testIdentities();
  const issuerKey = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const authority = treeOf(ca);
  const [, , , , , , authorityKey] = fieldsOf(authority);
  Object.assign(authorityKey!, keyInfoOf(issuerKey.publicKey));
  // A name of its own: a server may trust it beside the authority it is made from.
  rename(fieldsOf(authority)[3]!);
  rename(fieldsOf(authority)[5]!);
  dropKeyIdentifiers(authority);
  resign(authority, issuerKey.privateKey);

  const keys = [
    generateKeyPairSync("ec", { namedCurve: "P-256" }),
    generateKeyPairSync("ec", { namedCurve: "P-521" }),
    generateKeyPairSync("ec", { namedCurve: "P-256", paramEncoding: "explicit" }),
    generateKeyPairSync("ed25519"),
    generateKeyPairSync("rsa", { modulusLength: 2048 }),
  ];
  const sound = (keyPair: (typeof keys)[number]): DerNode => {
    const root = treeOf(client.cert);
    const fields = fieldsOf(root);
    rename(fields[3]!);
    Object.assign(fields[6]!, keyInfoOf(keyPair.publicKey));
    fields.at(-1)!.children![0]!.children = extensions.map((hex) => parseTree(Buffer.from(hex, "hex")));
    return root;
  };
  const identityOf = (name: string, root: DerNode, key: KeyObject): HostileClient => ({
    name,
    cert: pem(serializeTree(root)),
    key: key.export({ type: "pkcs8", format: "pem" }) as string,
  });

  const known = knownChanges.map(([name, change]) => {
    const root = sound(keys[0]!);
    change(root);
    resign(root, issuerKey.privateKey);
    return identityOf(name, root, keys[0]!.privateKey);
  });
  const onOwnCurve = sound(keys[2]!);
  resign(onOwnCurve, issuerKey.privateKey);
  known.push(identityOf("a key on a curve spelled out", onOwnCurve, keys[2]!.privateKey));

  function* damaged(seed: number): Generator<HostileClient, never> {
    const random = seeded(seed);
    for (let count = 0; ; count++) {
      const keyPair = keys[count % keys.length]!;
      const root = sound(keyPair);
      // The key stays: with another one the handshake fails before the certificate is read.
      const keyInfo = fieldsOf(root)[6];
      mutateTree(root, random, (node) => node !== keyInfo);
      if (count % 2 === 0 && root.children?.length === 3) resign(root, issuerKey.privateKey);
      const identity = identityOf(`${seed}/${count}`, root, keyPair.privateKey);
      if (canBeShown(identity)) yield identity;
    }
  }
  function* large(subjectBytes: number): Generator<HostileClient, never> {
    for (let count = 0; ; count++) {
      const root = sound(keys[0]!);
      setSubject(root, Buffer.from(String(count).padEnd(subjectBytes, "A")));
      resign(root, issuerKey.privateKey);
      yield identityOf(`large/${count}`, root, keys[0]!.privateKey);
    }
  }
  return { ca: pem(serializeTree(authority)), known, damaged, large };
}

const purposesOid = Buffer.from("551d25", "hex");
const keyIdentifierOids = ["551d0e", "551d23"];

const knownChanges: readonly (readonly [name: string, change: (root: DerNode) => void])[] = [
  [
    "no subject",
    (root) => {
      fieldsOf(root)[5]!.children = [];
    },
  ],
  ["an empty list of purposes", (root) => replacePurposes(root, [])],
  [
    "a purpose of 748 bytes",
    (root) => replacePurposes(root, [{ tag: 0x06, content: Buffer.alloc(748, 0x4a), children: undefined }]),
  ],
  [
    "a name of a type of 1319 bytes",
    (root) => {
      const attribute = fieldsOf(root)[5]!.children![2]!.children![0]!;
      attribute.children![0]!.content = Buffer.alloc(1319, 0x2c);
    },
  ],
  ["a subject of 60,000 bytes", (root) => setSubject(root, Buffer.alloc(60_000, 0x41))],
];

function replacePurposes(root: DerNode, purposes: DerNode[]): void {
  for (const { children } of extensionsOf(root)) {
    const isPurposes = children![0]!.content.equals(purposesOid);
    if (isPurposes) children!.at(-1)!.children = [{ tag: 0x30, content: Buffer.alloc(0), children: purposes }];
  }
}

/** The fields of the TBSCertificate: version, serial number, algorithm, issuer, validity, subject, key, extensions. */
function fieldsOf(root: DerNode): DerNode[] {
  return root.children![0]!.children!;
}

function extensionsOf(root: DerNode): DerNode[] {
  return fieldsOf(root).at(-1)!.children![0]!.children!;
}

/** Replaces the first value of a name. */
function rename(name: DerNode): void {
  name.children![0]!.children![0]!.children![1]!.content = Buffer.from("Hostile Test CA");
}

/** The second value of the subject, behind the UID, becomes a text of these bytes. */
function setSubject(root: DerNode, content: Buffer): void {
  const attribute = fieldsOf(root)[5]!.children![1]!.children![0]!;
  Object.assign(attribute.children![1]!, { tag: 0x0c, content });
}

/** Removes the key identifiers, which are those of the former key. */
function dropKeyIdentifiers(root: DerNode): void {
  const list = extensionsOf(root);
  const kept = list.filter(({ children }) => !keyIdentifierOids.includes(children![0]!.content.toString("hex")));
  list.splice(0, list.length, ...kept);
}

function resign(root: DerNode, key: KeyObject): void {
  const signature = sign("sha256", serializeTree(root.children![0]!), key);
  root.children![2] = { tag: 3, content: Buffer.concat([Buffer.of(0), signature]), children: undefined };
}

function keyInfoOf(key: KeyObject): DerNode {
  return parseTree(key.export({ type: "spki", format: "der" }));
}

function treeOf(certificate: string): DerNode {
  return parseTree(new X509Certificate(certificate).raw);
}

function pem(der: Buffer): string {
  const lines = der.toString("base64").replaceAll(/.{64}/g, "$&\n").trimEnd();
  return `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`;
}

function canBeShown({ cert, key }: PemIdentity): boolean {
  try {
    createSecureContext({ cert, key });
    return true;
  } catch {
    return false;
  }
}

import { mkdir, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { Endpoint } from "@apns/core";
import { checkText } from "@apns/core/internal";
import { writeP12 } from "@apns/credentials";
import { folderReadme } from "./credentials-readme.js";
import type { Identities } from "./identities.js";
import type { PortName } from "./options.js";

/** The files that `writeCredentials` made: complete paths. */
export interface CredentialFiles {
  /** The authority to trust: PEM. */
  readonly ca: string;
  /** The signing key, under the name that Apple's portal gives it: `AuthKey_<key id>.p8`. */
  readonly signingKey: string;
  /** The client's certificate with its key, as one `.p12`; its passphrase is `apns`. */
  readonly clientP12: string;
  /** The same as PEM, certificate and key in one file. */
  readonly client: string;
  readonly clientCert: string;
  readonly clientKey: string;
  readonly serverCert: string;
  readonly serverKey: string;
  /** How PHP, Python, Java, Go and curl use them. */
  readonly readme: string;
}

/** Not a secret: what it protects opens nothing but this simulator. */
const folderPassphrase = "apns";

/** Writes keys and certificates to a folder, which is made if need be, readable for its owner alone. */
export async function writeCredentialFiles(
  folder: string,
  { credentials, server }: Identities,
  endpoints: Readonly<Record<PortName, Required<Endpoint>>>,
): Promise<CredentialFiles> {
  const path = resolve(checkText("folder", folder));
  const { ca, signingKey, keyId, tls } = credentials;
  await mkdir(path, { recursive: true, mode: 0o700 });
  const write = async (name: string, content: string | Uint8Array): Promise<string> => {
    const file = join(path, name);
    await writeFile(file, content, { mode: 0o600 });
    return file;
  };
  return {
    ca: await write("ca.pem", ca),
    signingKey: await write(`AuthKey_${keyId}.p8`, signingKey),
    clientP12: await write("client.p12", writeP12(tls, { passphrase: folderPassphrase })),
    client: await write("client.pem", ending(tls.cert) + tls.key),
    clientCert: await write("client-cert.pem", tls.cert),
    clientKey: await write("client-key.pem", tls.key),
    serverCert: await write("server-cert.pem", server.cert),
    serverKey: await write("server-key.pem", server.key),
    readme: await write("README.md", folderReadme(credentials, endpoints, folderPassphrase)),
  };
}

function ending(pem: string): string {
  return pem.endsWith("\n") ? pem : `${pem}\n`;
}

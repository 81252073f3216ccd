import { rm } from "node:fs/promises";
import { createCertificateRequest, writePrivateKey } from "@apns/credentials";
import type { Command } from "commander";
import { UsageError } from "../errors.js";
import { addOutPassphraseOptions, type OutPassphraseFlags, readOutPassphrase } from "../files/passphrase.js";
import { writeNewFile } from "../files/write-file.js";
import { makeLeafCommand } from "../make-command.js";
import { print, printJson } from "../terminal/output.js";

interface CsrFlags extends OutPassphraseFlags {
  readonly email: string;
  readonly name: string;
  readonly country?: string;
  readonly out: string;
  readonly keyOut: string;
  readonly force?: boolean;
  readonly json?: boolean;
}

export function csrCommand(): Command {
  const command = makeLeafCommand({
    name: "csr",
    summary: "make a private key and the signing request for it",
    description: `Makes a private key (RSA, 2048 bits) and the certificate signing request for it, as Keychain's assistant does.

Upload the request to Apple's portal, under Certificates; keep the key. What the portal gives back, a .cer, is of use
only together with it: see apns cert convert.`,
    examples: [
      ["apns cert csr --email jane@example.com --name 'Jane Doe'", "push.certSigningRequest and push.key"],
      ["apns cert csr --email a@example.com --name A --out a.csr --key-out a.key", "under other names"],
      [
        "apns cert csr --email a@example.com --name A --out-passphrase-file secret.txt",
        "with the key encrypted by a passphrase",
      ],
    ],
  })
    .requiredOption("--email <address>", "your e-mail address")
    .requiredOption("--name <text>", "a name for the key, such as your own")
    .option("--country <code>", "two letters")
    .option("--out <file>", "where to write the request", "push.certSigningRequest")
    .option("--key-out <file>", "where to write the private key", "push.key")
    .option("--force", "replace files that are there");
  return addOutPassphraseOptions(command).action(makeRequest);
}

async function makeRequest(flags: CsrFlags): Promise<void> {
  const { email, name, country, out, keyOut } = flags;
  if (out === keyOut) throw new UsageError("--out and --key-out name the same file");
  const passphrase = await readOutPassphrase(flags);
  const { csr, key } = await createCertificateRequest({ emailAddress: email, commonName: name, country });
  const force = flags.force ?? false;
  const keyFile = passphrase === undefined ? key : writePrivateKey(key, { passphrase });
  // The key first: a request without its key is of no use to anybody.
  await writeNewFile("--key-out", keyOut, keyFile, { isSecret: true, force });
  try {
    await writeNewFile("--out", out, csr, { isSecret: false, force });
  } catch (error) {
    await rm(keyOut);
    throw error;
  }
  const encrypted = passphrase !== undefined;
  if (flags.json) {
    printJson({ request: out, key: keyOut, encrypted });
    return;
  }
  print(`${keyOut}  the private key${encrypted ? ", encrypted" : ""}: keep it, and keep it to yourself`);
  print(`${out}  the request: upload it to https://developer.apple.com/account/resources/certificates`);
  print(`then: apns cert convert THE.cer ${keyOut} --out push.pem`);
}

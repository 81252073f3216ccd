import { extname } from "node:path";
import { showPath } from "@apns/core/internal";
import {
  CredentialsError,
  type NamedFile,
  type P12Encryption,
  readCertificates,
  readIdentity,
  readPrivateKey,
  writeCertificateDer,
  writeP12,
  writePrivateKey,
} from "@apns/credentials";
import { Argument, type Command, Option } from "commander";
import { UsageError } from "../errors.js";
import { readGivenFile } from "../files/given-file.js";
import {
  addOutPassphraseOptions,
  addPassphraseOptions,
  type OutPassphraseFlags,
  type PassphraseFlags,
  readOutPassphrase,
  readPassphrase,
} from "../files/passphrase.js";
import { writeNewFile } from "../files/write-file.js";
import { makeLeafCommand } from "../make-command.js";
import { takesSecrets } from "../secrets/misplaced.js";
import { print, printJson, printRaw } from "../terminal/output.js";

const forms = ["p12", "pem", "cer", "crt", "key"] as const;
type Form = (typeof forms)[number];

interface ConvertFlags extends PassphraseFlags, OutPassphraseFlags {
  readonly out: string;
  readonly to?: Form;
  readonly encryption: P12Encryption;
  readonly name?: string;
  readonly force?: boolean;
  readonly json?: boolean;
}

export function convertCommand(): Command {
  const command = makeLeafCommand({
    name: "convert",
    summary: "put certificates and keys into another form",
    description: `Reads certificates and keys in any form, from one file or several, and writes one. The name behind --out says which:

  .p12, .pfx  certificate, issuers and key, for Keychain and most tools
  .pem        the same as text; the key is encrypted if there is a passphrase for it
  .cer, .der  the certificate alone, DER, as Apple's portal gives it
  .crt        certificate and issuers as text
  .key        the private key alone

Old .p12 files that OpenSSL 3 refuses (RC2) are read as well.`,
    examples: [
      [
        "apns cert convert aps.cer push.key --out push.p12 --out-passphrase-file secret.txt",
        "after a download from Apple's portal",
      ],
      ["apns cert convert push.p12 --out push.pem --passphrase-file secret.txt", "for tools that take PEM"],
      [
        "APNS_PASSPHRASE=… apns cert convert old.p12 --out new.p12 --encryption modern",
        "a .p12 of old for today's tools",
      ],
    ],
  })
    .addArgument(takesSecrets(new Argument("<files...>", "what to read: .cer, .p12, .pem, .key; - is stdin")))
    .requiredOption("--out <file>", "what to write; - is stdout, with --to")
    .addOption(new Option("--to <form>", "its form, where the name does not say it").choices(forms))
    .addOption(
      new Option("--encryption <kind>", "of a .p12: what every tool opens (3DES), or only today's (AES-256)")
        .choices(["compatible", "modern"] satisfies P12Encryption[])
        .default("compatible" satisfies P12Encryption),
    )
    .option("--name <text>", "of a .p12: what Keychain calls it (default: the certificate's name)")
    .option("--force", "replace the file if it is there");
  return addOutPassphraseOptions(addPassphraseOptions(command)).action(convert);
}

async function convert(paths: string[], flags: ConvertFlags): Promise<void> {
  const form = flags.to ?? formOf(flags.out);
  const passphrase = await readPassphrase(flags);
  const outPassphrase = await readOutPassphrase(flags);
  const files = await Promise.all(paths.map((path) => readGivenFile({ value: path, from: "the argument" })));
  const source: Source = { files, passphrase };
  const { content, isSecret, encrypted } = write(form, source, outPassphrase, flags);
  if (flags.out === "-") {
    if (flags.json) throw new UsageError("--out - prints what is written, which leaves no room for --json");
    printRaw(content);
    return;
  }
  await writeNewFile("--out", flags.out, content, { isSecret, force: flags.force ?? false });
  if (flags.json) printJson({ file: flags.out, form, encrypted });
  else
    print(`${flags.out}  ${descriptions[form]}${isSecret && !encrypted ? ", NOT encrypted: keep it to yourself" : ""}`);
}

const descriptions: Readonly<Record<Form, string>> = {
  p12: "certificate and private key",
  pem: "certificate and private key",
  cer: "the certificate",
  crt: "the certificate",
  key: "the private key",
};

const formsByExtension: Readonly<Record<string, Form>> = {
  ".p12": "p12",
  ".pfx": "p12",
  ".pem": "pem",
  ".cer": "cer",
  ".der": "cer",
  ".crt": "crt",
  ".key": "key",
};

function formOf(path: string): Form {
  const form = formsByExtension[extname(path).toLowerCase()];
  if (form !== undefined) return form;
  throw new UsageError(
    `--out: the name ${showPath(path)} does not say what to write; end it in .p12, .pem, .cer, .crt or .key, or give --to`,
  );
}

interface Source {
  readonly files: readonly NamedFile[];
  readonly passphrase: string | undefined;
}

interface Written {
  readonly content: string | Uint8Array;
  readonly isSecret: boolean;
  readonly encrypted: boolean;
}

/** An expired certificate can be converted like any other. */
function write(form: Form, source: Source, outPassphrase: string | undefined, flags: ConvertFlags): Written {
  const encrypted = outPassphrase !== undefined;
  switch (form) {
    case "p12": {
      // Without another one, a .p12 is written with the passphrase that opened the .p12 it was read from.
      const passphrase = outPassphrase ?? source.passphrase;
      if (passphrase === undefined) {
        throw new UsageError("a .p12 wants a passphrase: give --out-passphrase-file, or set APNS_OUT_PASSPHRASE");
      }
      const { encryption, name } = flags;
      const content = writeP12(identityOf(source), { passphrase, encryption, friendlyName: name });
      return { content, isSecret: true, encrypted: true };
    }
    case "pem": {
      const { cert, key } = identityOf(source);
      return { content: cert + writePrivateKey(key, { passphrase: outPassphrase }), isSecret: true, encrypted };
    }
    case "key":
      return { content: writePrivateKey(keyOf(source), { passphrase: outPassphrase }), isSecret: true, encrypted };
    case "cer":
      return { content: writeCertificateDer(certificatesOf(source)), isSecret: false, encrypted: false };
    case "crt":
      return { content: certificatesOf(source), isSecret: false, encrypted: false };
  }
}

function identityOf({ files, passphrase }: Source) {
  return readIdentity(files, { passphrase, checkValidity: false });
}

/** The certificate whose key is there, too, else the one that is there. */
function certificatesOf(source: Source): string {
  return unlessMissing(
    () => identityOf(source).cert,
    "ERR_APNS_CREDENTIALS_NO_PRIVATE_KEY",
    () => readCertificates(source.files, { passphrase: source.passphrase }).join(""),
  );
}

/** The key whose certificate is there, too, else the one that is there. */
function keyOf(source: Source): string {
  return unlessMissing(
    () => identityOf(source).key,
    "ERR_APNS_CREDENTIALS_NO_CERTIFICATE",
    () => readPrivateKey(source.files[0]!, { passphrase: source.passphrase }),
  );
}

function unlessMissing(attempt: () => string, missing: CredentialsError["code"], otherwise: () => string): string {
  try {
    return attempt();
  } catch (error) {
    if (error instanceof CredentialsError && error.code === missing) return otherwise();
    throw error;
  }
}

import { inspectSigningKey } from "@apns/credentials";
import { Argument, type Command } from "commander";
import { readGivenFile } from "../files/given-file.js";
import { addPassphraseOptions, type PassphraseFlags, readPassphrase } from "../files/passphrase.js";
import { makeCommand, makeLeafCommand } from "../make-command.js";
import { takesSecrets } from "../secrets/misplaced.js";
import { print, printJson } from "../terminal/output.js";

/** `apns key`: the signing keys of provider tokens. */
export function keyCommand(): Command {
  return makeCommand({
    name: "key",
    summary: "look at signing keys (.p8)",
    examples: [["apns key inspect AuthKey_ABC123DEFG.p8", "whether it is one, and which"]],
  }).addCommand(inspectCommand());
}

interface InspectFlags extends PassphraseFlags {
  readonly json?: boolean;
}

function inspectCommand(): Command {
  const command = makeLeafCommand({
    name: "inspect",
    summary: "say whether a file is a signing key, and which",
    description: `Says whether a file is a key that provider tokens can be signed with (EC P-256, the .p8 of Apple's portal), its key ID
(from the file's name) and its public key. The private key is never printed.

Ends with exit code 3 if it is something else, and says what.`,
    examples: [
      ["apns key inspect AuthKey_ABC123DEFG.p8", "what Apple's portal gave"],
      ["printenv APNS_KEY | apns key inspect - --json", "whether a variable kept the key whole"],
    ],
  }).addArgument(takesSecrets(new Argument("<file>", "the key; - is stdin")));
  return addPassphraseOptions(command).action(async (path: string, flags: InspectFlags) => {
    const file = await readGivenFile({ value: path, from: "the argument" });
    const report = inspectSigningKey(file, { passphrase: await readPassphrase(flags) });
    if (flags.json) {
      printJson({ ok: true, ...report });
      return;
    }
    print(`${file.name} is a signing key (EC P-256)`);
    print(`key ID  ${report.keyId ?? "not in the file's name; Apple's portal shows it, under Keys"}`);
    if (report.wasRepaired)
      print("note    its line breaks are lost or escaped, or it is UTF-16 or base64; other tools may not read it");
    print(...report.publicKey.trimEnd().split("\n"));
  });
}

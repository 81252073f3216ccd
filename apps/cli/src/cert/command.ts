import type { Command } from "commander";
import { makeCommand } from "../make-command.js";
import { convertCommand } from "./convert.js";
import { csrCommand } from "./csr.js";
import { inspectCommand } from "./inspect.js";

/** `apns cert`: certificates and what belongs to them. */
export function certCommand(): Command {
  return makeCommand({
    name: "cert",
    summary: "ask for, look at and convert push certificates",
    examples: [
      ["apns cert csr --email jane@example.com --name 'Jane Doe'", "a signing request for Apple's portal, and its key"],
      [
        "apns cert convert aps.cer push.key --out push.p12 --out-passphrase-file secret.txt",
        "what the portal gave, and the key, in one file",
      ],
      ["apns cert inspect push.p12 --passphrase-file secret.txt", "what it is for, and how long it is valid"],
    ],
  })
    .addCommand(csrCommand())
    .addCommand(inspectCommand())
    .addCommand(convertCommand());
}

import { type KnownPushType, pushTypes } from "@apns/core";
import { type Command, Option } from "commander";
import { takesSecrets } from "../secrets/misplaced.js";
import { keyValueOption, numberOption, wholeNumberOption } from "../values.js";

export const knownPushTypes = Object.keys(pushTypes) as KnownPushType[];

/** What the options about the payload parse to. */
export interface PayloadFlags {
  readonly payload?: string;
  readonly pushType?: string;
  readonly title?: string;
  readonly subtitle?: string;
  readonly body?: string;
  readonly badge?: number;
  readonly sound?: string;
  readonly category?: string;
  readonly threadId?: string;
  readonly interruptionLevel?: string;
  readonly relevanceScore?: number;
  readonly targetContentId?: string;
  readonly contentAvailable?: boolean;
  readonly mutableContent?: boolean;
  readonly aps?: Readonly<Record<string, unknown>>;
  readonly custom?: Readonly<Record<string, unknown>>;
}

/** The options about what a notification says; the same for every command that takes a payload. */
export function addPayloadOptions(command: Command): Command {
  return command
    .optionsGroup("Payload:")
    .addOption(
      takesSecrets(
        new Option(
          "--payload <file>",
          "JSON, sent as it is: a file, the text, or - for stdin. Other options here are laid over it",
        ),
      ),
    )
    .option(
      "--push-type <type>",
      `${knownPushTypes.join(", ")}, or a newer one (default: background if nothing is shown, else alert)`,
    )
    .addOption(takesSecrets(new Option("--title <text>", "title of the alert")))
    .addOption(takesSecrets(new Option("--subtitle <text>", "subtitle of the alert")))
    .addOption(takesSecrets(new Option("--body <text>", "text of the alert")))
    .addOption(wholeNumberOption("--badge <n>", "number on the app's icon; 0 clears it", 0, 0x7fff_ffff))
    .option("--sound <name>", "default, or a sound file in the app")
    .option("--category <id>", "category, for the notification's actions")
    .option("--thread-id <id>", "notifications with the same are grouped")
    .addOption(
      new Option("--interruption-level <level>", "how urgently it may interrupt").choices([
        "passive",
        "active",
        "time-sensitive",
        "critical",
      ]),
    )
    .addOption(numberOption("--relevance-score <n>", "0 to 1: which one a summary shows first", 0, 1))
    .option("--target-content-id <id>", "the window to bring forward")
    .option("--content-available", "wake the app in the background")
    .option("--mutable-content", "let the app's service extension change it first")
    .addOption(keyValueOption("--aps <key=json>", "any other key of Apple's dictionary (repeatable)"))
    .addOption(keyValueOption("--custom <key=json>", "a key of your own, beside Apple's dictionary (repeatable)"));
}

import { inspectProviderToken } from "@apns/credentials";
import { signProviderToken } from "@apns/http2";
import { type Command, Option } from "commander";
import { addHelpBelow, makeLeafCommand } from "../make-command.js";
import { takesSecrets } from "../secrets/misplaced.js";
import { resolveToken } from "../settings/credentials.js";
import { configOption, givenFilesHelp } from "../settings/options.js";
import { type SettingFlags, Settings } from "../settings/settings.js";
import { print, printJson } from "../terminal/output.js";

interface MakeFlags extends Pick<SettingFlags, "key" | "keyId" | "teamId" | "config"> {
  readonly json?: boolean;
}

export function makeTokenCommand(): Command {
  const command = makeLeafCommand({
    name: "make",
    summary: "sign a provider token and print it",
    description: `Signs a provider token (JWT, ES256) and prints it, for curl and other programs. apns send makes its own.

It is a secret: whoever has it can send to all apps of the team, until it is an hour old.`,
    examples: [
      ["apns token make --key AuthKey_ABC123DEFG.p8 --team-id DEF123GHIJ", "the key ID is in the file's name"],
      ["apns token make", "by what apns.json or the environment say"],
      ['curl --http2 -H "authorization: bearer $(apns token make)" …', "for curl"],
    ],
  })
    .addOption(takesSecrets(new Option("--key <file>", "signing key (.p8)")))
    .option("--key-id <id>", "its id (default: from a file name AuthKey_ID.p8)")
    .option("--team-id <id>", "your team's id")
    .addOption(configOption());
  return addHelpBelow(command, givenFilesHelp).action(async (flags: MakeFlags) => {
    const { key, keyId, teamId } = await resolveToken(await Settings.read(flags), undefined);
    const token = signProviderToken({ key, keyId, teamId });
    if (flags.json) printJson({ token, keyId, teamId, issuedAt: inspectProviderToken(token).issuedAt });
    else print(token);
  });
}

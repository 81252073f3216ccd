import { inspectProviderToken, type ProviderTokenReport } from "@apns/credentials";
import { Argument, type Command, Option } from "commander";
import { ExitCode } from "../exit-code.js";
import { readGivenFile } from "../files/given-file.js";
import { addHelpBelow, makeLeafCommand } from "../make-command.js";
import { takesSecrets } from "../secrets/misplaced.js";
import { givenFilesHelp } from "../settings/options.js";
import { print, printJson } from "../terminal/output.js";

interface InspectFlags {
  readonly key?: string;
  readonly keyId?: string;
  readonly teamId?: string;
  readonly json?: boolean;
}

export function inspectCommand(): Command {
  const command = makeLeafCommand({
    name: "inspect",
    summary: "decode a provider token and say what APNs will make of it",
    description: `Decodes a provider token (JWT) and says what APNs will make of it: algorithm, key ID, team ID, age by this machine's
clock and, with --key, its signature. Not whether Apple knows the key: only APNs can tell.

Ends with exit code 3 if APNs will refuse it.`,
    examples: [
      ["apns token make --key k.p8 --key-id ABC123DEFG --team-id DEF123GHIJ | apns token inspect", "from stdin"],
      ["apns token inspect token.txt --key AuthKey_ABC123DEFG.p8", "a file, and its signature"],
    ],
  })
    .addArgument(takesSecrets(new Argument("[file]", "holds the token, or is it; - is stdin").default("-")))
    .addOption(
      takesSecrets(new Option("--key <file>", "the signing key (.p8), or its public key: checks the signature")),
    )
    .option("--key-id <id>", "the key ID it should name")
    .option("--team-id <id>", "the team ID it should name");
  return addHelpBelow(command, givenFilesHelp).action(
    async (path: string, { key, keyId, teamId, json }: InspectFlags) => {
      const token = await readGivenFile({ value: path, from: "the argument" });
      const report = inspectProviderToken(token, {
        keyId,
        teamId,
        key: key === undefined ? undefined : await readGivenFile({ value: key, from: "--key" }),
      });
      if (json) printJson(report);
      else print(...asLines(report));
      if (!report.ok) process.exitCode = ExitCode.unreachable;
    },
  );
}

function asLines({ keyId, teamId, algorithm, issuedAt, ageMs, signature, problems }: ProviderTokenReport): string[] {
  const age =
    ageMs === undefined ? "" : `, ${Math.floor(Math.abs(ageMs) / 60_000)} minutes ${ageMs < 0 ? "ahead" : "ago"}`;
  return [
    `key ID     ${keyId ?? "none"}`,
    `team ID    ${teamId ?? "none"}`,
    `algorithm  ${algorithm ?? "none"}`,
    `issued at  ${issuedAt === undefined ? "unknown" : `${issuedAt.toISOString()}${age}`}`,
    `signature  ${signature === "unchecked" ? "unchecked: give --key" : signature}`,
    ...problems.map(({ severity, problem, fix }) => `${severity}: ${problem}: ${fix}`),
    ...(problems.length === 0 ? ["nothing that APNs would refuse"] : []),
  ];
}

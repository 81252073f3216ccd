import { type CertificateReport, inspectCertificates } from "@apns/credentials";
import { Argument, type Command } from "commander";
import { ExitCode } from "../exit-code.js";
import { readGivenFile } from "../files/given-file.js";
import { addPassphraseOptions, type PassphraseFlags, readPassphrase } from "../files/passphrase.js";
import { makeLeafCommand } from "../make-command.js";
import { takesSecrets } from "../secrets/misplaced.js";
import { print, printJson } from "../terminal/output.js";

interface InspectFlags extends PassphraseFlags {
  readonly json?: boolean;
}

export function inspectCommand(): Command {
  const command = makeLeafCommand({
    name: "inspect",
    summary: "say what a certificate is for, and whether it is of use",
    description: `Says what the certificates in files of any form (.cer, .p12, .pem) are for: kind, environments, topics, team; how long
they are valid; who issued them; and whether a private key that is given along is theirs.

Ends with exit code 3 if one has expired, is not valid yet, or if the private key is another's.`,
    examples: [
      ["apns cert inspect aps.cer", "what Apple's portal gave"],
      ["apns cert inspect aps.cer push.key", "and whether the key is its own"],
      ["apns cert inspect push.p12 --passphrase-file secret.txt --json", "what Keychain exported, as JSON"],
    ],
  }).addArgument(takesSecrets(new Argument("<files...>", "certificates and keys; - is stdin")));
  return addPassphraseOptions(command).action(async (paths: string[], flags: InspectFlags) => {
    const passphrase = await readPassphrase(flags);
    const files = await Promise.all(paths.map((path) => readGivenFile({ value: path, from: "the argument" })));
    const reports = inspectCertificates(files, { passphrase });
    if (flags.json) printJson({ ok: reports.every(isOfUse), certificates: reports });
    else print(...reports.flatMap((report, index) => [...(index === 0 ? [] : [""]), ...asLines(report)]));
    if (!reports.every(isOfUse)) process.exitCode = ExitCode.unreachable;
  });
}

function isOfUse({ validity, privateKey }: CertificateReport): boolean {
  return validity === "valid" && privateKey !== "differs";
}

const kinds: Readonly<Record<CertificateReport["kind"], string>> = {
  universal: "an app, development and production (universal)",
  development: "an app, development",
  production: "an app, production",
  voip: "VoIP",
  watch: "an app on the watch (WatchKit)",
  complication: "complications on the watch",
  pass: "passes of Wallet",
  order: "orders of Wallet",
  website: "a website (Safari)",
  mdm: "device management (MDM)",
  other: "something else than push",
};

const keyTexts: Readonly<Record<CertificateReport["privateKey"], string>> = {
  matches: "given, and its own",
  differs: "ANOTHER CERTIFICATE'S: give the key that was made with its signing request",
  absent: "not given; without it, the certificate is of no use",
};

function asLines(report: CertificateReport): string[] {
  const chain = report.chain.map(({ commonName }) => commonName ?? "?").join(" < ");
  const rows: readonly (readonly [string, string])[] = [
    ["name", report.commonName ?? "none"],
    ["for", kinds[report.kind]],
    ["environments", report.environments.join(", ") || "none: APNs does not take it"],
    ["topics", report.topics.map(({ topic, kind }) => `${topic} (${kind})`).join(", ") || "none"],
    ["team", report.teamId ?? "none"],
    ["valid", validityText(report)],
    ["private key", keyTexts[report.privateKey]],
    ["public key", report.publicKey],
    ["issuer", report.issuer ?? "none"],
    ...(chain === "" ? [] : [["chain", `${chain}${report.chainIsComplete ? "" : " < (not given)"}`] as const]),
    ["serial", report.serialNumber],
    ["SHA-256", report.sha256Fingerprint],
  ];
  const width = Math.max(...rows.map(([label]) => label.length));
  return rows.map(([label, value]) => `${label.padEnd(width)}  ${value}`);
}

function validityText({ validity, notBefore, notAfter, daysLeft }: CertificateReport): string {
  const from = notBefore.toISOString();
  const to = notAfter.toISOString();
  if (validity === "expired") return `EXPIRED at ${to}: make a new one in Apple's portal`;
  if (validity === "not-yet-valid") return `NOT BEFORE ${from}: is this machine's clock right?`;
  return `from ${from} to ${to}, ${daysLeft === 1 ? "1 day" : `${daysLeft} days`} left`;
}

import { ApnsError, resolveEnvironment, type Wire } from "@apns/core";
import { withoutSecrets } from "@apns/core/internal";
import type { CredentialsError } from "@apns/credentials";
import { type ProxyAddress, parseProxy, proxyFromEnvironment } from "@apns/net";
import { type Command, Option } from "commander";
import { describeError, UnreadableFileError, UntrustedError } from "../errors.js";
import { ExitCode } from "../exit-code.js";
import { makeLeafCommand } from "../make-command.js";
import {
  type CertificateCredentials,
  resolveCertificate,
  resolveCredentials,
  type TokenCredentials,
} from "../settings/credentials.js";
import { appleEnvironment, type Destination, resolveDestination } from "../settings/environment.js";
import { addConnectionOptions } from "../settings/options.js";
import { type SettingFlags, Settings } from "../settings/settings.js";
import { print, printJson } from "../terminal/output.js";
import { painter } from "../terminal/style.js";
import { line, type Printed } from "../terminal/text.js";
import { wholeNumberOption } from "../values.js";
import { checkGateway } from "./binary.js";
import { type Check, failed, skipped } from "./check.js";
import type { DoctorContext } from "./context.js";
import { checkCredentials } from "./credentials.js";
import { checkClock, checkPush } from "./http2.js";
import { checkDns, checkLegacyHost, checkProxy, checkTcp, checkTls } from "./network.js";

interface DoctorFlags extends SettingFlags {
  readonly transport: Wire;
  readonly timeout: number;
  readonly json?: boolean;
}

/** `apns doctor`. */
export function doctorCommand(): Command {
  const command = makeLeafCommand({
    name: "doctor",
    summary: "find out why pushes do not go out",
    description: `Finds out why pushes do not go out: DNS, ports, proxy, TLS, protocol, clock, key or certificate, environment and topic.

To learn what APNs thinks of the credentials, a push is sent to an all-zero device token, which nobody has.
Exit code 3 if anything failed; each line that did says what to do.`,
    examples: [
      ["apns doctor --environment production", "with the credentials of apns.json"],
      ["apns doctor --environment development --p12 push.p12 --topic com.example.App", "with a certificate"],
      ["apns doctor --config sim/apns.json --transport binary", "the simulator's gateway"],
    ],
  })
    .addOption(new Option("--transport <wire>", "which protocol").choices(["http2", "binary"]).default("http2"))
    .addOption(wholeNumberOption("--timeout <seconds>", "for each look", 1, 300).default(10));
  return addConnectionOptions(command, { token: true }).action(async (flags: DoctorFlags) => {
    const checks: Check[] = [];
    const show = (...found: readonly Check[]): void => {
      const safe = found.map(withoutSecretsIn);
      checks.push(...safe);
      if (!flags.json) for (const check of safe) print(...asLines(check));
    };
    await examine(flags, show);
    const sound = checks.every(({ status }) => status !== "failed");
    if (flags.json) printJson({ ok: sound, checks });
    else
      print(
        "",
        sound ? "Nothing stands in the way of a push." : `${count(checks, "failed")} of ${checks.length} failed.`,
      );
    process.exitCode = sound ? ExitCode.ok : ExitCode.unreachable;
  });
}

async function examine(flags: DoctorFlags, show: (...found: readonly Check[]) => void): Promise<void> {
  const context = await makeContext(flags, show);
  if (context.credentials !== undefined) show(...checkCredentials(context));
  const network = [await checkProxy(context), await checkDns(context)];
  show(...network);
  const tcp = isBroken(network) ? [skipped("tcp", "there is nothing to connect to")] : await checkTcp(context);
  show(...tcp);
  if (isBroken([...network, ...tcp])) {
    show(skipped("tls", "there is no connection"), skipped("push", "there is no connection"));
  } else {
    const { checks } = await checkTls(context);
    show(...checks);
    if (isBroken(checks)) show(skipped("push", "the server is not to be trusted with credentials"));
    else await examinePush(context, show);
  }
  show(await checkLegacyHost(context, !isBroken(network)));
}

async function examinePush(context: DoctorContext, show: (...found: readonly Check[]) => void): Promise<void> {
  if (context.wire === "binary") {
    show(await checkGateway(context));
    return;
  }
  const pushed = await checkPush(context);
  const tokenTaken = pushed.some(({ id, status }) => id === "provider-token" && status === "passed");
  show(...pushed, await checkClock(context, tokenTaken));
}

async function makeContext(flags: DoctorFlags, show: (...found: readonly Check[]) => void): Promise<DoctorContext> {
  const settings = await Settings.read(flags);
  const service = flags.transport === "binary" ? "gateway" : "http2";
  const destination = await resolveDestination(settings, service);
  const { environment, port } = destination;
  const endpoint = { ...resolveEnvironment(environment, service), ...(port === undefined ? {} : { port }) };
  return {
    settings,
    wire: flags.transport,
    endpoint,
    isApple: typeof environment === "string",
    environment: appleEnvironment(settings),
    proxy: resolveProxy(destination, flags.transport, endpoint),
    credentials: await readCredentials(settings, destination, flags.transport, show),
    topic: settings.value("topic"),
    timeoutMs: flags.timeout * 1000,
  };
}

/** Credentials that cannot be used are a finding, not the end of the examination. */
async function readCredentials(
  settings: Settings,
  destination: Destination,
  wire: Wire,
  show: (...found: readonly Check[]) => void,
): Promise<TokenCredentials | CertificateCredentials | undefined> {
  try {
    return await (wire === "binary"
      ? resolveCertificate(settings, destination)
      : resolveCredentials(settings, destination));
  } catch (error) {
    const isFinding =
      error instanceof ApnsError || error instanceof UntrustedError || error instanceof UnreadableFileError;
    if (!isFinding) throw error;
    show(failed("credentials", ...problemAndFix(error)));
    return undefined;
  }
}

/** Errors of credentials hold both apart; messages of others end with the fix, behind a colon. */
function problemAndFix(error: Error): [problem: string, fix: string] {
  const { message } = describeError(error);
  if (error instanceof UnreadableFileError) return [message, "name a file that can be read"];
  const { problem, fix } = error as Partial<CredentialsError>;
  if (problem !== undefined && fix !== undefined) return [message.slice(0, -`: ${fix}`.length), fix];
  const [finding, ...rest] = message.split(/: (?=[a-z][^:]*$)/);
  return [finding!, rest.join(": ") || "see apns doctor --help"];
}

function resolveProxy(
  { proxy: given }: Destination,
  wire: Wire,
  { host, port }: { host: string; port: number },
): ProxyAddress | undefined {
  if (given !== undefined) return parseProxy(given);
  return wire === "binary" ? undefined : proxyFromEnvironment(host, port);
}

function isBroken(checks: readonly Check[]): boolean {
  return count(checks, "failed") > 0;
}

function count(checks: readonly Check[], status: Check["status"]): number {
  return checks.filter((check) => check.status === status).length;
}

const colours = { passed: "green", failed: "red", skipped: "gray" } as const;

function asLines({ id, status, finding, fix }: Check): Printed[] {
  const paint = painter(process.stdout);
  const found = line(paint(colours[status], status.padEnd(7)), `  ${id}: ${finding}`);
  return fix === undefined ? [found] : [found, `         fix: ${fix}`];
}

/** Findings quote servers and libraries, and a server may send back what it was sent. */
function withoutSecretsIn({ finding, fix, ...check }: Check): Check {
  return {
    ...check,
    finding: withoutSecrets(finding),
    ...(fix === undefined ? {} : { fix: withoutSecrets(fix) }),
  };
}

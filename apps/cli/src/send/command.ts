import { withRetry } from "@apns/core";
import { type Command, Option } from "commander";
import { UsageError } from "../errors.js";
import { makeLeafCommand } from "../make-command.js";
import { buildPayload, saysSomething } from "../payload/build-payload.js";
import { addPayloadOptions } from "../payload/options.js";
import { addConnectionOptions } from "../settings/options.js";
import { Settings } from "../settings/settings.js";
import { onStdoutFailure, print, printRecordPaced, stopPacing } from "../terminal/output.js";
import { startProgress } from "../terminal/progress.js";
import { numberOption, wholeNumberOption } from "../values.js";
import { parseExpiration, parsePriority } from "./delivery.js";
import { dryRun } from "./dry-run.js";
import type { SendFlags } from "./flags.js";
import { endOnSignals, stopOnSignals } from "./interrupts.js";
import { NotificationMaker } from "./notification-maker.js";
import { OutcomeFile } from "./outcome-file.js";
import { outcomeLine, rejectsByReason, report } from "./report.js";
import { EarlierRun } from "./resume.js";
import { RunEnd } from "./run-end.js";
import { runSend } from "./run-send.js";
import { assertAllValid } from "./strict.js";
import { openList, type TargetList } from "./targets/open-list.js";
import { listFormats } from "./targets/read-list.js";
import type { Target } from "./targets/target.js";
import { openTransport } from "./transport.js";
import { warnOfPayload } from "./warn-of-payload.js";

/** Up to so many outcomes are shown one by one; more are counted. */
const maxShownOneByOne = 20;

/** `apns send`. */
export function sendCommand(): Command {
  const command = makeLeafCommand({
    name: "send",
    summary: "send a notification to one or many devices",
    description: `Sends a notification to one or many devices, over HTTP/2 or the legacy binary wire, and says what became of each.

A list (--to) is plain (a device token a line), CSV (with a heading; column deviceToken), NDJSON
({"deviceToken":"…","payload":{…}}) or a JSON array of these. Other columns and keys are merge fields: {{name}} in the
payload. A line that cannot be sent is reported and passed over; with --strict, nothing is sent then.`,
    examples: [
      [
        "apns send --environment production --title Hello --body 'How are you?' DEVICE_TOKEN",
        "one push, credentials from apns.json",
      ],
      [
        "apns send --key AuthKey_ABC123DEFG.p8 --team-id TEAM123456 --topic com.example.App --environment development --body Hi TOKEN",
        "everything by options",
      ],
      ["apns send --to list.csv --body 'Dear {{name}}' --out run.ndjson", "a list, with merge fields, outcomes kept"],
      ["apns send --to list.csv --body 'Dear {{name}}' --out run.ndjson --resume", "go on after an interruption"],
      ["apns send --transport binary --p12 push.p12 --dry-run --hex --body Hi TOKEN", "every byte of the legacy frame"],
    ],
  })
    .argument("[device-token...]", "hexadecimal, as the app reported it")
    .option("--to <file>", "a list of devices instead; - is stdin")
    .addOption(
      new Option("--to-format <format>", "of the list (default: by its name and first line)").choices(listFormats),
    )
    .option(
      "--encoding <name>",
      "of the list, such as windows-1252 (default: UTF-8, or UTF-16 where the list shows it)",
    )
    .option("--strict", "check the whole list first, and send nothing if a line is invalid")
    .addOption(new Option("--transport <wire>", "which protocol").choices(["http2", "binary"]).default("http2"))
    .addOption(
      new Option("--format <format>", "of legacy frames: command 0, 1 or 2 (default: enhanced)").choices([
        "simple",
        "enhanced",
        "framed",
      ]),
    )
    .option("--dry-run", "show what would go over the wire, of a list for three lines, and send nothing")
    .option("--hex", "with --dry-run: every byte")
    .option("--out <file>", "write what became of each line, as NDJSON")
    .option("--resume", "go on with the run that wrote --out, sending nothing twice that was accepted")
    .option("--resend-unconfirmed", "with --resume: also what may have been accepted; people may get it twice")
    .addOption(
      numberOption("--rate <n>", "notifications a second, at most (default: as fast as it goes)", 0.01, 1_000_000),
    )
    .addOption(wholeNumberOption("--retries <n>", "of what may succeed later", 0, 20).default(3))
    .addOption(
      wholeNumberOption("--timeout <seconds>", "for one notification, waiting included", 1, 86_400).default(30),
    )
    .addOption(wholeNumberOption("--connections <n>", "at most (default: 4 over HTTP/2, 1 over binary)", 1, 100));
  addPayloadOptions(command)
    .optionsGroup("Delivery:")
    .option("--priority <n>", "10 at once, 5 considerate of the battery, 1 least (default: by push type)")
    .option("--expiration <when>", "once, default, a time from now such as 8h, or an ISO date")
    .option("--collapse-id <id>", "notifications with the same replace each other")
    .option("--apns-id <uuid>", "the notification's id; for a single device");
  addConnectionOptions(command, { token: true });
  return command.action(send);
}

async function send(deviceTokens: readonly string[], flags: SendFlags): Promise<void> {
  checkTogether(deviceTokens, flags);
  const stopListening = endOnSignals(flags.json === true);
  try {
    const prepared = await prepare(deviceTokens, flags);
    if (!flags.dryRun) await sendPrepared(prepared, flags, stopListening);
    else await dryRun({ flags, ...prepared });
  } finally {
    stopListening();
  }
}

interface Prepared {
  readonly settings: Settings;
  readonly list: TargetList;
  readonly maker: NotificationMaker;
  readonly earlier: EarlierRun | undefined;
  /** Lines that the earlier run began and left without an outcome. */
  readonly unknown: readonly Target[];
}

/** Reads all that the command line names, before anything is sent. */
async function prepare(deviceTokens: readonly string[], flags: SendFlags): Promise<Prepared> {
  const settings = await Settings.read(flags);
  const list = await openList(deviceTokens, { file: flags.to, format: flags.toFormat, encoding: flags.encoding });
  const maker = await makeNotifications(flags, list);
  if (flags.strict) await assertAllValid(list, maker);
  const earlier = flags.resume && !flags.dryRun ? await EarlierRun.read(flags.out!) : undefined;
  return { settings, list, maker, earlier, unknown: (await earlier?.verify(list)) ?? [] };
}

async function sendPrepared(prepared: Prepared, flags: SendFlags, stopListening: () => void): Promise<void> {
  const { settings, list, maker, earlier, unknown } = prepared;
  const transport = await openTransport(settings, flags, maker.shared);
  // All that can be wrong with what was typed has been said by now, but for this.
  const file = flags.out === undefined ? undefined : new OutcomeFile(flags.out, flags.resume === true);
  const end = new RunEnd();
  const stopStopping = stopOnSignals(end, transport);
  stopListening();
  onStdoutFailure((failure) => end.fail(failure));
  end.signal.addEventListener("abort", stopPacing);
  const oneByOne = !flags.json && list.count !== undefined && list.count <= maxShownOneByOne && flags.to === undefined;
  const bar = startProgress(list.count, !flags.json && !oneByOne);
  try {
    file?.recordUnknown(unknown);
    // A server that cannot be reached is said once, rather than once for each device.
    await Promise.race([transport.connect(), end.stopped]);
    const result = await runSend({
      transport: flags.retries === 0 ? transport : withRetry(transport, { attempts: flags.retries + 1 }),
      targets: list.read(),
      maker,
      apnsId: flags.apnsId,
      file,
      earlier,
      resendUnconfirmed: flags.resendUnconfirmed === true,
      perSecond: flags.rate,
      end,
      onOutcome: (record, totals) => {
        bar.update(totals.settled, () => rejectsByReason(totals));
        if (flags.json) return printRecordPaced(record);
        if (oneByOne) print(outcomeLine(record));
        return undefined;
      },
    });
    bar.stop();
    process.exitCode = await report(result, { json: flags.json === true, oneByOne, isSingle: list.count === 1 });
  } finally {
    bar.stop();
    list.close();
    file?.close();
    stopStopping();
    await transport.close({ timeoutMs: 1000 });
  }
}

/** Options that only make sense together, or not together. */
function checkTogether(deviceTokens: readonly string[], flags: SendFlags): void {
  const refuse = (condition: boolean, message: string): void => {
    if (condition) throw new UsageError(message);
  };
  refuse(flags.resume === true && flags.out === undefined, "--resume needs --out: the file of the run to go on with");
  refuse(flags.resendUnconfirmed === true && !flags.resume, "--resend-unconfirmed belongs to --resume");
  refuse(
    flags.encoding !== undefined && flags.to === undefined,
    "--encoding is about the list of --to: the device tokens on the command line need none",
  );
  refuse(flags.hex === true && !flags.dryRun, "--hex belongs to --dry-run");
  refuse(flags.format !== undefined && flags.transport === "http2", "--format is about --transport binary");
  const { priority, format = "enhanced" } = flags;
  if (flags.transport === "binary") {
    refuse(flags.collapseId !== undefined, "--collapse-id does not exist on the legacy wire: leave it out");
    refuse(flags.apnsId !== undefined, "--apns-id does not exist on the legacy wire: leave it out");
    refuse(
      priority !== undefined && priority !== "10" && format !== "framed",
      `--priority ${priority} would be lost: format ${format} means 10. Add --format framed`,
    );
  }
  refuse(
    flags.apnsId !== undefined && (flags.to !== undefined || deviceTokens.length > 1),
    '--apns-id is the id of one notification; in a list, give each line its "apnsId" (NDJSON)',
  );
}

async function makeNotifications(flags: SendFlags, { format }: TargetList): Promise<NotificationMaker> {
  // Without anything to say here, every line of the list has to bring its own payload; the ones that do not are told so.
  const built =
    (format === "ndjson" || format === "json") && !saysSomething(flags) ? undefined : await buildPayload(flags);
  if (built !== undefined) warnOfPayload(built, flags.transport);
  const { priority, expiration, collapseId } = flags;
  return new NotificationMaker({
    payload: built?.payload,
    pushType: flags.pushType,
    delivery: {
      ...(priority === undefined ? {} : { priority: parsePriority(priority) }),
      ...(expiration === undefined ? {} : { expiration: parseExpiration(expiration) }),
      ...(collapseId === undefined ? {} : { collapseId }),
    },
  });
}

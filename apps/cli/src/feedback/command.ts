import type { Command } from "commander";
import { OutputError } from "../errors.js";
import { makeLeafCommand } from "../make-command.js";
import { addConnectionOptions } from "../settings/options.js";
import { type SettingFlags, Settings } from "../settings/settings.js";
import { legacyConnectOptions } from "../settings/transports.js";
import { onStdoutFailure, print, printPaced, printRecordPaced, stdoutTaken } from "../terminal/output.js";

interface FeedbackFlags extends SettingFlags {
  readonly json?: boolean;
}

/** `apns feedback`. */
export function feedbackCommand(): Command {
  const command = makeLeafCommand({
    name: "feedback",
    summary: "read a feedback service: devices on which the app is gone",
    description: `Reads a feedback service of the legacy protocol to its end: devices on which the app is gone.

The service forgets the list as it is read: keep what is printed. Apple's own is switched off; this is for the simulator, a
bridge, or another stand-in. With --json, an object a line: {"deviceToken","unregisteredAt"}.`,
    examples: [
      ["apns feedback --config sim/apns.json", "the simulator's"],
      ["apns feedback --host bridge.example --ca ca.pem --p12 push.p12 --json > gone.ndjson", "a bridge's, kept"],
    ],
  });
  return addConnectionOptions(command, { token: false }).action(async (flags: FeedbackFlags) => {
    const options = await legacyConnectOptions(await Settings.read(flags), "feedback");
    const { feedback } = await import("@apns/binary");
    // The service forgets what it has told: entries that were not printed are not passed over in silence.
    let failure: OutputError | undefined;
    onStdoutFailure((error) => {
      failure = error;
    });
    let count = 0;
    for await (const { deviceToken, unregisteredAt } of feedback(options)) {
      if (failure !== undefined) break;
      count++;
      const at = unregisteredAt.toISOString();
      await (flags.json ? printRecordPaced({ deviceToken, unregisteredAt: at }) : printPaced(`${deviceToken}  ${at}`));
    }
    if (!flags.json && count === 0) print("no device has lost the app since the list was last read");
    failure = await stdoutTaken();
    if (failure !== undefined) throw new OutputError(`${failure.message}; entries that were read are lost`, failure);
  });
}

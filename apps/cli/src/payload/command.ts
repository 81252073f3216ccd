import type { Wire } from "@apns/core";
import { type Command, Option } from "commander";
import { ExitCode } from "../exit-code.js";
import { makeCommand, makeLeafCommand } from "../make-command.js";
import { print, printJson } from "../terminal/output.js";
import { drawTable } from "../terminal/table.js";
import type { Printed } from "../terminal/text.js";
import { buildPayload } from "./build-payload.js";
import { checkPayload } from "./check.js";
import { addPayloadOptions, knownPushTypes, type PayloadFlags } from "./options.js";
import { measurePayload, type PayloadSize } from "./size.js";

/** `apns payload`: looks at payloads without sending anything. */
export function payloadCommand(): Command {
  return makeCommand({
    name: "payload",
    summary: "check and measure payloads",
    examples: [
      ["apns payload check --payload push.json", "what APNs would refuse, and what devices would ignore"],
      ["apns payload size --title Hello --body 'How are you?'", "how many bytes that is"],
    ],
  })
    .addCommand(checkCommand())
    .addCommand(sizeCommand());
}

interface CheckFlags extends PayloadFlags {
  readonly transport: Wire;
  readonly json?: boolean;
}

function checkCommand(): Command {
  const command = makeLeafCommand({
    name: "check",
    summary: "say what APNs would refuse, and what a device would ignore",
    description:
      "Says what APNs would refuse of a payload, what it would take but give to no app (both exit code 1), and what a device would ignore (a warning); of a file with line and column.",
    examples: [
      ["apns payload check --payload push.json", "a file"],
      ["cat push.json | apns payload check --payload - --push-type liveactivity", "stdin, as a Live Activity"],
      ["apns payload check --title Hi --aps alrt=oops --transport binary", "options, on the legacy wire"],
    ],
  }).addOption(
    new Option("--transport <wire>", "whose limits count").choices(["http2", "binary"]).default("http2" satisfies Wire),
  );
  return addPayloadOptions(command).action(async (flags: CheckFlags) => {
    const { payload, pushType } = await buildPayload(flags);
    const findings = checkPayload(payload, pushType, flags.transport);
    const isUseless = findings.some(({ severity }) => severity !== "warning");
    if (flags.json) {
      printJson({ pushType, transport: flags.transport, ok: !isUseless, findings });
    } else {
      for (const { severity, reason, message, line, column } of findings) {
        const where = line === undefined ? "" : `, line ${line}, column ${column}`;
        print(`${severity}${reason === undefined ? "" : ` (${reason})`}${where}: ${message}`);
      }
      if (findings.length === 0) print(`nothing to find fault with, as ${pushType} over ${flags.transport}`);
    }
    if (isUseless) process.exitCode = ExitCode.rejected;
  });
}

interface SizeFlags extends PayloadFlags {
  readonly json?: boolean;
}

function sizeCommand(): Command {
  const command = makeLeafCommand({
    name: "size",
    summary: "say how large a payload is, and which push types and wires take it",
    examples: [
      ["apns payload size --title Hello --body 'How are you?'", "for every push type"],
      ["apns payload size --payload push.json --push-type voip --json", "for one, as JSON"],
    ],
  });
  return addPayloadOptions(command).action(async (flags: SizeFlags) => {
    const { payload } = await buildPayload(flags);
    const size = measurePayload(payload, flags.pushType === undefined ? knownPushTypes : [flags.pushType]);
    if (flags.json) printJson(size);
    else print(...sizeAsLines(size));
  });
}

function sizeAsLines({ sizeBytes, largestKeys, limits }: PayloadSize): Printed[] {
  const pushTypes = [...new Set(limits.map(({ pushType }) => pushType))];
  const cell = (pushType: string, wire: Wire): string => {
    const limit = limits.find((entry) => entry.pushType === pushType && entry.wire === wire)!;
    return `${limit.fits ? "fits" : "TOO LARGE"}, ${limit.limitBytes} allowed`;
  };
  return [
    `${sizeBytes} bytes of UTF-8`,
    ...(largestKeys.length === 0 ? [] : [`largest: ${largestKeys.map((e) => `${e.key} ${e.sizeBytes}`).join(", ")}`]),
    drawTable(
      ["push type", "HTTP/2", "binary (legacy)"],
      pushTypes.map((pushType) => [pushType, cell(pushType, "http2"), cell(pushType, "binary")]),
    ),
  ];
}

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { maxPayloadBytes, type PushTypeRow, pushTypeRow, pushTypes } from "./push-type.js";

/** Which function makes a notification of the type. */
const madeBy: Readonly<Record<string, string>> = {
  alert: "alert",
  background: "background",
  location: "location",
  voip: "voip",
  complication: "complication",
  fileprovider: "fileProvider",
  mdm: "mdm",
  liveactivity: "liveActivity.start, .update, .end",
  pushtotalk: "pushToTalk",
  widgets: "widgets",
  controls: "controls",
};

const credentials: Readonly<Record<PushTypeRow["auth"], string>> = {
  both: "provider token or certificate",
  token: "provider token",
  certificate: "certificate",
};

describe("the table of push types", () => {
  test("is the README's", () => {
    const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
    const lines = readme.split("\n").filter((line) => line.split(" | ").length === 8 && line.startsWith("| `"));
    const expected = Object.entries(pushTypes).map(([pushType, row]) => {
      const functions = madeBy[pushType]!.split(", ").map((name) => `\`${name}\``);
      const cells = [
        `\`${pushType}\``,
        functions.join(", "),
        pushType === "mdm"
          ? "the certificate's"
          : `bundle ID${row.topicSuffix === "" ? "" : ` + \`${row.topicSuffix}\``}`,
        priority(row),
        row.defaultExpiration === "once" ? "at once" : "APNs' own",
        String(maxPayloadBytes(pushType, "http2")),
        String(maxPayloadBytes(pushType, "binary")),
        credentials[row.auth],
      ];
      return `| ${cells.join(" | ")} |`;
    });
    expect(lines).toEqual(expected);
  });

  test("gives types it does not know the rules of an alert", () => {
    expect(pushTypeRow("from-the-future")).toBe(pushTypeRow("alert"));
    expect(pushTypeRow("toString")).toBe(pushTypeRow("alert"));
  });
});

function priority({ defaultPriority, allowedPriorities }: PushTypeRow): string {
  if (allowedPriorities !== undefined) return `${allowedPriorities.join(", ")} only`;
  return defaultPriority === undefined ? "none, which means 10" : String(defaultPriority);
}

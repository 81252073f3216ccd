// The parts that the inspections of all push types with an `aps` share.
import { show } from "../internal/check.js";
import type { Findings } from "./payload-findings.js";
import { compareToShape, isObject, type Shape } from "./shape.js";

export type Payload = Readonly<Record<string, unknown>>;
export type Aps = Readonly<Record<string, unknown>>;

/** Reports deviations from the shape: wrong kinds of essential keys as errors, all others as warnings. */
export function compareAps(aps: Aps, shape: Shape, findings: Findings, essential: ReadonlySet<string>): void {
  compareToShape(aps, shape, "aps", ({ code, path, problem }) => {
    const key = path.slice("aps.".length);
    if (code === "wrongKind" && essential.has(key)) findings.error(code, path, problem);
    else if (code === "unknownKey" && isAlertText(key, shape)) {
      findings.warning("misplacedKey", path, `belongs into aps.alert.`);
    } else findings.warning(code, path, problem);
  });
}

/** Whether a key of `aps` is one of the dictionary `alert`. */
function isAlertText(key: string, shape: Shape): boolean {
  return shape.get("alert")?.keys?.has(key) === true;
}

/** The dictionary `aps`. Its absence, and keys of it that stand beside it, are reported. */
export function apsOf(
  payload: Payload,
  shape: Shape,
  findings: Findings,
  essential: ReadonlySet<string>,
): Aps | undefined {
  const aps: unknown = payload["aps"];
  const beside = Object.keys(payload).filter((key) => shape.has(key));
  for (const key of beside) {
    const problem = "stands beside aps, where it is a key of the app's own; devices read it in aps only.";
    const isMissing = !isObject(aps) || (aps[key] === undefined && essential.has(key));
    if (isMissing) findings.error("misplacedKey", key, problem);
    else findings.warning("misplacedKey", key, problem);
  }
  if (isObject(aps)) return aps;
  if (aps !== undefined) {
    findings.error("wrongKind", "aps", `${show(aps)} is not an object with keys; the device ignores the push.`);
    return undefined;
  }
  if (Object.keys(payload).length === 0) {
    findings.warning(
      "missingKey",
      "aps",
      "is missing; only passes and orders of Wallet are pushed with an empty payload.",
    );
    return undefined;
  }
  const inner = beside.length > 0 ? undefined : pathOfAps(payload);
  findings.error("missingKey", "aps", `is missing; the device ignores the push.${inner ?? ""}`);
  return undefined;
}

/** A hint at an `aps` inside of another object, as in messages for other services. */
function pathOfAps(payload: Payload): string | undefined {
  if ("notification" in payload) return ' "notification" is a key of Firebase; APNs reads "aps".';
  for (const [key, value] of Object.entries(payload)) {
    if (isObject(value) && isObject(value["aps"])) return ` It is inside of ${show(key)}; it belongs to the top.`;
  }
  return undefined;
}

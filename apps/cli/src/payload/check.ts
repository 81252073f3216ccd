import {
  ApnsError,
  assertPayloadFits,
  encodePayload,
  inspectPayload,
  maxPayloadBytes,
  type PayloadFinding,
  type PushType,
  type Reason,
  type Wire,
} from "@apns/core";
import { type JsonMap, mapJson, type TextPosition } from "./json-position.js";

/** Something that is wrong with a payload. */
export interface Finding extends Partial<TextPosition> {
  /**
   * `refused`: APNs will not take it. `error`: APNs takes it, and no app is given it. `warning`: a part of it is ignored, or is
   * probably not meant.
   */
  readonly severity: "refused" | "error" | "warning";
  readonly code: PayloadFinding["code"];
  /** What APNs would answer, where it refuses. */
  readonly reason?: Reason;
  /** Of the key that is wrong; empty for the payload as a whole. */
  readonly path: string;
  readonly message: string;
}

/** The faults of a payload, sent as this push type over this wire; those of a text with line and column. */
export function checkPayload(payload: object | string, pushType: PushType, wire: Wire): Finding[] {
  const map = typeof payload === "string" ? mapJson(payload) : undefined;
  const size = checkSize(payload, pushType, wire);
  const others = inspectPayload(payload, { pushType, wire }).filter(
    ({ code }) => code !== "empty" && code !== "tooLarge",
  );
  return [...(size === undefined ? [] : [size]), ...others.map((finding) => findingOf(finding, map))];
}

/** By the check that a send makes, whose message names the largest keys. */
function checkSize(payload: object | string, pushType: PushType, wire: Wire): Finding | undefined {
  const encoded = encodePayload(payload);
  const where = `push type ${pushType}${wire === "binary" ? " on the legacy wire" : ""}`;
  try {
    assertPayloadFits(encoded, maxPayloadBytes(pushType, wire), where);
    return undefined;
  } catch (error) {
    if (!(error instanceof ApnsError)) throw error;
    const isEmpty = encoded.length === 0;
    return {
      severity: "refused",
      code: isEmpty ? "empty" : "tooLarge",
      reason: isEmpty ? "PayloadEmpty" : "PayloadTooLarge",
      path: "",
      message: error.message,
    };
  }
}

function findingOf({ level, code, path, problem }: PayloadFinding, map: JsonMap | undefined): Finding {
  const position = code === "notJson" ? map?.faultAt : map?.positionOf(path);
  return {
    severity: level,
    code,
    path,
    message: path === "" ? `the payload ${problem}` : `${path}: ${problem}`,
    ...position,
  };
}

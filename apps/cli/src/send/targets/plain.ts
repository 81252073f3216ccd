import { readDeviceToken } from "./device-token.js";
import type { ListEntry } from "./target.js";

/** A device token by itself. */
export function parsePlainLine(line: number, text: string): ListEntry {
  try {
    return { line, deviceToken: readDeviceToken(text), fields: {}, delivery: {} };
  } catch (error) {
    return { line, problem: (error as Error).message };
  }
}

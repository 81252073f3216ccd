import type { ReadConfigFile } from "@apns/bridge/config";
import { InvalidArgumentError } from "@apns/core";
import { readGivenFileSync } from "../files/given-file.js";

/** Reads a file that `bridge.yaml` names, or takes what it holds, or base64 of that, where it is given in place of a path. */
export const readBridgeFile: ReadConfigFile = (field, value, folder) => {
  const refuse = (_: string, problem: string, cause: unknown): Error =>
    new InvalidArgumentError(field, `${problem}.`, { cause });
  return readGivenFileSync({ value, from: field, folder }, { refuse }).content;
};

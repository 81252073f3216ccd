import type { ReadConfigFile } from "@apns/bridge/config";
import { InvalidArgumentError } from "@apns/core";
import { readGivenFileSync } from "../files/given-file.js";

/** Reads a file that `bridge.yaml` names, or takes what it holds, or base64 of that, where it is given in place of a path. */
export const readBridgeFile: ReadConfigFile = (field, value, folder) => {
  const { content, path } = readGivenFileSync(
    { value, from: field, folder },
    { refuse: (_, problem, cause) => new InvalidArgumentError(field, `${problem}.`, { cause }) },
  );
  return path === undefined ? unwrapped(content) : content;
};

/** Node's TLS takes PEM with its line breaks, or the bytes of a .p12, and neither of them in base64. */
function unwrapped(content: Buffer): Buffer {
  const text = content.toString("latin1").replaceAll("\\n", "\n");
  if (text.includes("-----BEGIN ")) return Buffer.from(text, "latin1");
  const decoded = Buffer.from(text, "base64");
  const isPem = decoded.includes("-----BEGIN ");
  return isPem ? unwrapped(decoded) : decoded;
}

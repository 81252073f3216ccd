// Which server credentials may be sent to. A file that was only found (apns.json in this folder or above) may have been put
// there by a stranger: in a repository that was cloned, an archive, a folder for everybody. It may name a server, and
// credentials that it brings along, but never the server that credentials of the user's go to.
import { existsSync, realpathSync } from "node:fs";
import { isAbsolute, relative, resolve } from "node:path";
import { UntrustedError } from "../errors.js";
import type { FileContent } from "../files/given-file.js";
import type { Setting, Source } from "./setting.js";

const places: Readonly<Partial<Record<Source, string>>> = {
  "working folder": "in this folder",
  "folder above": "in a folder above this one",
};

/** Whether a setting is from a file that was only found. */
export function isFound({ source }: Setting): boolean {
  return places[source] !== undefined;
}

/** A key or certificate that is to be used. */
export interface UsedCredential {
  readonly setting: Setting;
  readonly file: FileContent;
}

/**
 * Refuses to give credentials to a server, or through a proxy, that a found file decides about, unless they are that file's own.
 * @param decidedBy the settings that say which server it is, and how it is reached
 * @throws {UntrustedError} naming both places, and the fix
 */
export function assertTrusted(decidedBy: readonly Setting[], credentials: readonly UsedCredential[]): void {
  const found = decidedBy.find(isFound);
  if (found?.folder === undefined) return;
  const foreign = credentials.find((credential) => !isHeldBy(found, credential));
  if (foreign === undefined) return;
  const { from, source } = foreign.setting;
  const outside = source === found.source ? ", a file outside of that folder," : "";
  const also = source === "user's file" ? " and the credentials by option" : "";
  throw new UntrustedError(
    `${from}${outside} must not be used with ${found.from}, which was only found ${places[found.source]} and may have been put there to get at credentials: if you trust it, name it by --config${also}; else give the server by --environment or --host`,
  );
}

/**
 * Refuses to read a file as a passphrase that a found file names outside of its folder: it is none of the stranger's.
 * @throws {UntrustedError}
 */
export function assertInReach(setting: Setting): void {
  const { from, source, folder = ".", value } = setting;
  if (!isFound(setting) || isWithin(folder, resolve(folder, value))) return;
  throw new UntrustedError(
    `${from} names a file outside of that folder, and was only found ${places[source]}: if you trust it, name it by --config`,
  );
}

/** Whether a found file brings a credential along: it holds it, or names one in its folder or below. */
function isHeldBy({ source, folder = "." }: Setting, { setting, file }: UsedCredential): boolean {
  // At most one file is found, so that equal sources mean the same file.
  if (setting.source !== source) return false;
  return file.path === undefined ? setting.value !== "-" : isWithin(folder, file.path);
}

/** A link in the folder may lead to where the user's keys are. What does not exist is nobody's. */
function isWithin(folder: string, path: string): boolean {
  if (!existsSync(path)) return true;
  const way = relative(realpathSync(folder), realpathSync(path));
  return way !== ".." && !/^\.\.[/\\]/.test(way) && !isAbsolute(way);
}

import { UntrustedError, UsageError } from "../errors.js";
import { readPassphraseFile } from "../files/passphrase-file.js";
import { printNote } from "../terminal/output.js";
import type { Setting } from "./setting.js";
import type { Settings } from "./settings.js";
import { assertInReach, isFound } from "./trust.js";

const variable = "APNS_PROXY_PASSWORD";

/**
 * The address of the proxy, with its password from `--proxy-password-file` or `APNS_PROXY_PASSWORD` if it holds none itself.
 * @throws {UsageError} if there is a password and no user, or two passwords
 * @throws {UntrustedError} if a found file names the proxy that a password of the user's would go to
 */
export async function resolveProxyUrl(settings: Settings): Promise<string | undefined> {
  const proxy = settings.get("proxy");
  const file = settings.get("proxyPasswordFile");
  if (proxy === undefined || !URL.canParse(proxy.value)) return proxy?.value;
  const url = new URL(proxy.value);
  if (url.password !== "") {
    if (proxy.source === "option") {
      printNote(
        `apns: the password in --proxy can be read by other users of this machine: give it by --proxy-password-file or ${variable}`,
      );
    }
    if (file?.rank === proxy.rank)
      throw new UsageError(`${proxy.from} and ${file.from} both hold a password: give one`);
    return proxy.value;
  }
  const password = await readPassword(settings, proxy, file);
  if (password === undefined) return proxy.value;
  if (url.username === "")
    throw new UsageError(
      `${proxy.from} names no user for the password: put the user in front of the host, with @ between`,
    );
  url.password = encodeURIComponent(password);
  return url.href;
}

/** From the file, else from the variable. */
async function readPassword(
  settings: Settings,
  proxy: Setting,
  file: Setting | undefined,
): Promise<string | undefined> {
  const given = settings.variable(variable);
  const from = file?.from ?? variable;
  if (file === undefined && given === undefined) return undefined;
  if (isFound(proxy) && file?.source !== proxy.source) {
    throw new UntrustedError(
      `${from} must not be used with ${proxy.from}, a file that was only found: if you trust it, name it by --config`,
    );
  }
  if (file === undefined) return given;
  assertInReach(file);
  return readPassphraseFile(file, variable);
}

import { basename } from "node:path";
import { credentialsError, UsageError } from "../errors.js";
import { noVariable, readPassphraseFile } from "../files/passphrase-file.js";
import { isDer } from "../files/signing-key.js";
import type { Destination } from "./environment.js";
import type { SettingName } from "./names.js";
import type { Setting } from "./setting.js";
import type { Settings } from "./settings.js";
import { assertInReach, assertTrusted } from "./trust.js";

/** A signing key and whose it is. */
export interface TokenCredentials {
  readonly type: "token";
  readonly key: string;
  readonly keyId: string;
  readonly teamId: string;
  /** How messages call the key: the path of its file, or where it was given. */
  readonly keyName: string;
}

/** A certificate with its key, PEM. */
export interface CertificateCredentials {
  readonly type: "certificate";
  readonly cert: string;
  readonly key: string;
}

/**
 * Who is sending: by key or by certificate, whichever is named by the more important source. Where one source names both,
 * as the simulator's configuration does, the key is taken.
 * @param destination where they will be used
 * @throws {UsageError} if nothing is named, or both are by options
 * @throws {UntrustedError} if the destination is not to be trusted with them
 * @throws {ApnsError} `ERR_APNS_CREDENTIALS…` if what is named cannot be used
 */
export async function resolveCredentials(
  settings: Settings,
  destination: Destination,
): Promise<TokenCredentials | CertificateCredentials> {
  const key = settings.get("key");
  const certificate = certificateSetting(settings);
  if (key === undefined && certificate === undefined) {
    throw credentialsError(
      "no credentials: give --key with --key-id and --team-id, or a certificate by --cert or --p12; or name them in apns.json",
    );
  }
  if (key?.rank === 0 && certificate?.rank === 0) {
    throw new UsageError(`${key.from} and ${certificate.from} are two ways to authenticate: give one of them`);
  }
  const byKey = key !== undefined && (certificate === undefined || key.rank <= certificate.rank);
  return byKey ? resolveToken(settings, destination) : resolveCertificate(settings, destination);
}

/**
 * Certificate and key, out of whatever Apple's portal and Keychain gave.
 * @throws {UntrustedError} if the destination is not to be trusted with them
 * @throws {ApnsError} `ERR_APNS_CREDENTIALS…` if no certificate is named, or it cannot be used
 */
export async function resolveCertificate(
  settings: Settings,
  destination: Destination,
): Promise<CertificateCredentials> {
  const named = certificateSetting(settings);
  if (named === undefined) {
    throw credentialsError(
      "no certificate: the legacy wire knows a sender by its certificate only. Give --cert with --cert-key, or --p12",
    );
  }
  const names: readonly SettingName[] = named === settings.get("p12") ? ["p12"] : ["cert", "certKey"];
  const used = [];
  for (const name of names) {
    const setting = settings.get(name);
    const file = await settings.content(name);
    if (setting !== undefined && file !== undefined) used.push({ setting, file });
  }
  assertTrusted(destination.decidedBy, used);
  const files = used.map(({ setting: { from }, file }) => ({
    ...file,
    name: file.name === from ? from : `${from}: ${file.name}`,
  }));
  const passphrase = await resolvePassphrase(settings);
  const { readIdentity } = await import("@apns/credentials");
  return { type: "certificate", ...readIdentity(files, passphrase === undefined ? {} : { passphrase }) };
}

/** The setting that names a certificate. */
function certificateSetting(settings: Settings): Setting | undefined {
  const cert = settings.get("cert");
  const p12 = settings.get("p12");
  if (cert === undefined || p12 === undefined) return cert ?? p12;
  if (cert.rank === p12.rank) throw new UsageError(`${cert.from} and ${p12.from} both name a certificate: give one`);
  return cert.rank < p12.rank ? cert : p12;
}

/**
 * @param destination where the token will be used; `undefined` if it is not sent anywhere
 * @throws {UntrustedError} if the destination is not to be trusted with it
 * @throws {ApnsError} `ERR_APNS_CREDENTIALS` if no key is named, nor whose it is, or it cannot be read
 */
export async function resolveToken(
  settings: Settings,
  destination: Destination | undefined,
): Promise<TokenCredentials> {
  const setting = settings.get("key");
  const file = await settings.content("key");
  if (setting === undefined || file === undefined) {
    throw credentialsError("no signing key: give --key, set APNS_KEY, or name it in apns.json");
  }
  assertTrusted(destination?.decidedBy ?? [], [{ setting, file }]);
  const keyId = settings.value("keyId") ?? (file.path === undefined ? undefined : keyIdOf(file.path));
  const teamId = settings.value("teamId");
  const missing = [
    ...(keyId === undefined
      ? ["--key-id (ten characters; the portal shows it, and the file it gave is AuthKey_ID.p8)"]
      : []),
    ...(teamId === undefined ? ["--team-id (ten characters; the portal shows it under Membership)"] : []),
  ];
  if (keyId === undefined || teamId === undefined) {
    throw credentialsError(`a signing key does not say whose it is: give ${missing.join(", and ")}`);
  }
  const key = isDer(file.content)
    ? (await import("@apns/credentials")).readPrivateKey(file)
    : file.content.toString("latin1");
  return { type: "token", key, keyId, teamId, keyName: file.name };
}

/** Apple's portal puts the id of a key into the name of its file. */
function keyIdOf(path: string): string | undefined {
  return /^(?:AuthKey|APNsAuthKey)_([A-Z0-9]{10})\.p8$/i.exec(basename(path))?.[1];
}

/** From the file or variable named, else from `APNS_PASSPHRASE`. */
export async function resolvePassphrase(settings: Settings): Promise<string | undefined> {
  const file = settings.get("passphraseFile");
  const variable = settings.get("passphraseEnv");
  if (file !== undefined && (variable === undefined || file.rank <= variable.rank)) {
    assertInReach(file);
    return readPassphraseFile(file, "APNS_PASSPHRASE");
  }
  if (variable === undefined) return settings.variable("APNS_PASSPHRASE");
  const passphrase = settings.variable(variable.value);
  if (passphrase === undefined) throw noVariable(variable.from, "APNS_PASSPHRASE");
  return passphrase;
}

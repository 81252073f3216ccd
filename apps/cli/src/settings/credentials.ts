import { basename } from "node:path";
import { credentialsError, UsageError } from "../errors.js";
import { readFile } from "./environment.js";
import type { Setting, Settings } from "./settings.js";

/** A signing key and whose it is. */
export interface TokenCredentials {
  readonly type: "token";
  readonly key: string;
  readonly keyId: string;
  readonly teamId: string;
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
 * @throws {UsageError} if nothing is named, or both are by options
 * @throws {ApnsError} `ERR_APNS_CREDENTIALS…` if what is named cannot be used
 */
export async function resolveCredentials(settings: Settings): Promise<TokenCredentials | CertificateCredentials> {
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
  return byKey ? resolveToken(settings) : resolveCertificate(settings);
}

/**
 * Certificate and key, out of whatever Apple's portal and Keychain gave.
 * @throws {ApnsError} `ERR_APNS_CREDENTIALS…` if no certificate is named, or it cannot be used
 */
export async function resolveCertificate(settings: Settings): Promise<CertificateCredentials> {
  const named = certificateSetting(settings);
  if (named === undefined) {
    throw credentialsError(
      "no certificate: the legacy wire knows a sender by its certificate only. Give --cert with --cert-key, or --p12",
    );
  }
  const certKey = named === settings.get("p12") ? undefined : settings.get("certKey");
  const files = [named, ...(certKey === undefined ? [] : [certKey])];
  const passphrase = resolvePassphrase(settings);
  const { readIdentity } = await import("@apns/credentials");
  return {
    type: "certificate",
    ...readIdentity(
      files.map((setting) => ({ name: `${setting.from}: ${setting.value}`, content: readFile(setting) })),
      passphrase === undefined ? {} : { passphrase },
    ),
  };
}

/** The setting that names a certificate. */
function certificateSetting(settings: Settings): Setting | undefined {
  const cert = settings.get("cert");
  const p12 = settings.get("p12");
  if (cert === undefined || p12 === undefined) return cert ?? p12;
  if (cert.rank === p12.rank) throw new UsageError(`${cert.from} and ${p12.from} both name a certificate: give one`);
  return cert.rank < p12.rank ? cert : p12;
}

/** @throws {ApnsError} `ERR_APNS_CREDENTIALS` if no key is named, nor whose it is, or it cannot be read */
export function resolveToken(settings: Settings): TokenCredentials {
  const key = settings.get("key");
  if (key === undefined) throw credentialsError("no signing key: give --key, set APNS_KEY, or name it in apns.json");
  // A variable may hold the key itself, as hosting services have it.
  const isText = key.from === "APNS_KEY" && key.value.includes("PRIVATE KEY");
  const keyId = settings.value("keyId") ?? (isText ? undefined : keyIdOf(key.value));
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
  return { type: "token", key: isText ? key.value : readFile(key, "utf8"), keyId, teamId };
}

/** Apple's portal puts the id of a key into the name of its file. */
function keyIdOf(path: string): string | undefined {
  return /^(?:AuthKey|APNsAuthKey)_([A-Z0-9]{10})\.p8$/i.exec(basename(path))?.[1];
}

/** From the file or variable named, else from `APNS_PASSPHRASE`. */
export function resolvePassphrase(settings: Settings): string | undefined {
  const file = settings.get("passphraseFile");
  const variable = settings.get("passphraseEnv");
  if (file !== undefined && (variable === undefined || file.rank <= variable.rank)) {
    return readFile(file, "utf8").replace(/\r?\n$/, "");
  }
  if (variable === undefined) return settings.variable("APNS_PASSPHRASE");
  const passphrase = settings.variable(variable.value);
  if (passphrase === undefined) {
    throw credentialsError(`${variable.from}: the variable ${variable.value} is not set, or empty`);
  }
  return passphrase;
}

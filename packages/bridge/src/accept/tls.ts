import { X509Certificate } from "node:crypto";
import { createSecureContext, type SecureVersion, type TlsOptions } from "node:tls";
import { ApnsError, InvalidArgumentError } from "@apns/core";
import { readCredentialFile } from "@apns/core/der";
import { checkOneOf } from "@apns/core/internal";
import { certificatesToPem, p12ToDer, privateKeyToPem } from "@apns/net";

/** TLS as the senders see it. */
export interface BridgeTlsOptions {
  /** The bridge's own certificate with its chain: PEM, DER, or base64 of either, as everywhere here. Old senders that verify may only know Apple's host names. */
  readonly cert?: string | Uint8Array;
  /** Its private key. */
  readonly key?: string | Uint8Array;
  /** Both at once, PKCS#12. */
  readonly pfx?: Uint8Array;
  /** Of key or pfx. */
  readonly passphrase?: string;
  /**
   * The oldest version taken. Below 1.2 old clients need old algorithms as well: `ciphers` then defaults to
   * `DEFAULT:@SECLEVEL=0`. @default "TLSv1.2"
   */
  readonly minVersion?: SecureVersion;
  /** With 1.3, several published senders hang, or lose notifications unnoticed (measured with 25). @default "TLSv1.2" */
  readonly maxVersion?: SecureVersion;
  /** OpenSSL's list of ciphers. @default Node's own */
  readonly ciphers?: string;
  /** Whether senders show a certificate; `"off"` does not ask for one. @default "required" */
  readonly clientCertificate?: "required" | "optional" | "off";
  /** The authorities that issue the senders' certificates, up to the root. Not needed for pinned fingerprints. */
  readonly clientCa?: string | Uint8Array | readonly (string | Uint8Array)[];
  /** Takes expired certificates of those authorities, too: on an old sender they cannot be renewed. @default false */
  readonly acceptExpired?: boolean;
}

export interface ResolvedTls {
  /** As Node's TLS server takes it. */
  readonly server: TlsOptions;
  readonly clientCertificate: "required" | "optional" | "off";
  readonly authorities: readonly X509Certificate[];
  readonly acceptExpired: boolean;
  readonly minVersion: SecureVersion;
}

const versions: readonly SecureVersion[] = ["TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"];

/**
 * Checks the options and loads the key.
 * @throws {InvalidArgumentError} naming the option
 * @throws {ApnsError} `ERR_APNS_CREDENTIALS` if certificate or key cannot be used
 */
export function resolveTls(field: string, options: BridgeTlsOptions): ResolvedTls {
  const minVersion = checkOneOf(`${field}.minVersion`, options.minVersion ?? "TLSv1.2", versions);
  const maxVersion = checkOneOf(`${field}.maxVersion`, options.maxVersion ?? "TLSv1.2", versions);
  if (versions.indexOf(minVersion) > versions.indexOf(maxVersion)) {
    throw new InvalidArgumentError(`${field}.minVersion`, `${minVersion} is newer than maxVersion, ${maxVersion}.`);
  }
  const modes = ["required", "optional", "off"] as const;
  const clientCertificate = checkOneOf(`${field}.clientCertificate`, options.clientCertificate ?? "required", modes);
  const old = versions.indexOf(minVersion) < versions.indexOf("TLSv1.2");
  const ciphers = options.ciphers ?? (old ? "DEFAULT:@SECLEVEL=0" : undefined);
  const { cert, key, pfx, passphrase } = options;
  if (pfx === undefined && (cert === undefined || key === undefined)) {
    throw new InvalidArgumentError(field, "holds no identity; give cert and key, or pfx.");
  }
  const authorities = readClientCa(field, options.clientCa);
  const server = {
    ...(cert === undefined ? {} : { cert: asBuffer(certificatesToPem(cert)) }),
    ...(key === undefined ? {} : { key: asBuffer(privateKeyToPem(key)) }),
    ...(pfx === undefined ? {} : { pfx: asBuffer(p12ToDer(pfx)) }),
    ...(passphrase === undefined ? {} : { passphrase }),
    ...(ciphers === undefined ? {} : { ciphers }),
    // Never Node's own list of authorities: any of them could issue a certificate for any topic.
    ca: authorities.map(String),
    minVersion,
    maxVersion,
    requestCert: clientCertificate !== "off",
    // Judged by the bridge: Node would end the handshake without a word.
    rejectUnauthorized: false,
  };
  try {
    createSecureContext(server);
  } catch (cause) {
    // OpenSSL's message names the trouble and never the key.
    const { message } = cause as Error;
    throw new ApnsError("ERR_APNS_CREDENTIALS", `${field}: certificate or key cannot be used: ${message}.`, { cause });
  }
  return { server, clientCertificate, authorities, acceptExpired: options.acceptExpired ?? false, minVersion };
}

/** Whether a peer that was trusted may not be trusted any more. */
export function trustsLess(before: ResolvedTls, after: ResolvedTls): boolean {
  const kept = new Set(after.authorities.map(({ fingerprint256 }) => fingerprint256));
  const allKept = before.authorities.every(({ fingerprint256 }) => kept.has(fingerprint256));
  return !allKept || (before.acceptExpired && !after.acceptExpired);
}

function asBuffer(bytes: string | Uint8Array): string | Buffer {
  return typeof bytes === "string" ? bytes : Buffer.from(bytes);
}

function readClientCa(field: string, given: BridgeTlsOptions["clientCa"]): X509Certificate[] {
  const files = given === undefined ? [] : Array.isArray(given) ? given : [given];
  return files.flatMap((file) => readAuthorities(`${field}.clientCa`, file));
}

/** The certificates in a file; at least one. */
function readAuthorities(field: string, file: string | Uint8Array): X509Certificate[] {
  const read = readCredentialFile(file);
  if (read.kind === "tooLarge" || read.kind === "unreadable") {
    throw new InvalidArgumentError(field, `${read.problem}; ${read.fix}`);
  }
  const items = read.kind === "items" ? read.items : [];
  const certificates = items.filter(({ format }) => format === "certificate");
  if (certificates.length === 0) throw new InvalidArgumentError(field, "holds no certificate.");
  try {
    return certificates.map(({ der }) => new X509Certificate(der));
  } catch (cause) {
    throw new InvalidArgumentError(field, "holds a certificate that cannot be read.", { cause });
  }
}

/** The option to change when a handshake fails for this reason; `undefined` where no option has a part in it. */
export function handshakeAdvice(code: string | undefined, minVersion: SecureVersion): string | undefined {
  switch (code) {
    case "ERR_SSL_UNSUPPORTED_PROTOCOL":
    case "ERR_SSL_VERSION_TOO_LOW":
    case "ERR_SSL_WRONG_SSL_VERSION":
      return `The sender speaks no TLS as new as ${minVersion}: set tls.minVersion to "TLSv1" if it must be let in.`;
    case "ERR_SSL_NO_SHARED_CIPHER":
    case "ERR_SSL_NO_SUITABLE_SIGNATURE_ALGORITHM":
    case "ERR_SSL_NO_CIPHERS_AVAILABLE":
    case "ERR_SSL_DH_KEY_TOO_SMALL":
    case "ERR_SSL_EE_KEY_TOO_SMALL":
      return 'The sender knows old ciphers only: set tls.ciphers to "DEFAULT:@SECLEVEL=0" if it must be let in.';
    case "ERR_SSL_TLSV1_ALERT_UNKNOWN_CA":
    case "ERR_SSL_SSLV3_ALERT_CERTIFICATE_UNKNOWN":
    case "ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE":
      return "The sender does not trust tls.cert: its authority must be known to the sender, and the host name be in it.";
    default:
      return undefined;
  }
}

import { createSecureContext, type SecureContext, type SecureContextOptions, type SecureVersion } from "node:tls";
import { ApnsError, type CertificateAuth, type CertificateAuthorities, InvalidArgumentError } from "@apns/core";
import { describePrivateKey } from "@apns/core/der";
import { checkOptions, optionNames } from "@apns/core/internal";
import { certificatesToPem, p12ToDer, privateKeyToPem } from "./pem.js";

/** A client's certificate and key, and its demands on the server, as Node's TLS takes them. */
export interface TlsIdentity {
  readonly cert?: string | Uint8Array | undefined;
  readonly key?: string | Uint8Array | undefined;
  readonly pfx?: Uint8Array | undefined;
  readonly passphrase?: string | undefined;
  readonly ca?: CertificateAuthorities | undefined;
  readonly ciphers?: string | undefined;
  readonly minVersion?: SecureVersion | undefined;
}

const certificateAuthNames = optionNames<CertificateAuth>({
  type: true,
  passphrase: true,
  cert: true,
  key: true,
  pfx: true,
});

/**
 * The TLS identity of a certificate that authenticates.
 * @throws {InvalidArgumentError} naming `auth` if a part is missing, or the name in it that is not known
 */
export function certificateIdentity(auth: CertificateAuth): TlsIdentity {
  checkOptions("a certificate", auth, certificateAuthNames, { path: "auth" });
  const { cert, key, pfx, passphrase } = auth;
  if (pfx === undefined && (cert === undefined || key === undefined)) {
    throw new InvalidArgumentError("auth", "a certificate needs both cert and key, or a pfx that holds both.");
  }
  return { cert, key, pfx, passphrase };
}

/**
 * Reads certificate and key, once for all connections; opens nothing.
 * @param prefix where the caller has `cert`, `key`, `pfx` and `passphrase`, such as `"auth."`, for messages
 * @throws {ApnsError} `ERR_APNS_CREDENTIALS`; an `InvalidArgumentError` where one field is to blame. No message holds any of
 * the content
 */
export function readTlsIdentity(given: TlsIdentity, prefix = ""): SecureContext {
  const identity = withNodesForms(given);
  const entries = Object.entries(identity).filter(([, value]) => value !== undefined);
  const options = Object.fromEntries(entries.map(([name, value]) => [name, nodeValue(value)])) as SecureContextOptions;
  // Node ignores a `ca` that is not PEM, and the server's certificate would then seem untrusted.
  if (identity.ca !== undefined && ![identity.ca].flat().every(isPem)) throw unusable("ca", notPem);
  if (isPem(identity.key)) checkKey(`${prefix}key`, textOf(identity.key));
  try {
    return createSecureContext({ minVersion: "TLSv1.2", ...options });
  } catch (cause) {
    const fault = findFault(identity, cause as NodeJS.ErrnoException);
    if (fault !== undefined) throw unusable(prefix + fault.field, fault.problem, cause);
    // OpenSSL's message names the part that failed, never its content, and no fix.
    const { code, message } = cause as NodeJS.ErrnoException;
    const fix =
      code === "ERR_CRYPTO_UNSUPPORTED_OPERATION" && identity.pfx !== undefined
        ? " The .p12 is encrypted as it was usual before OpenSSL 3 (RC2): readIdentity of @apns/credentials reads it."
        : "";
    throw new ApnsError(
      "ERR_APNS_CREDENTIALS",
      `The certificate, key, passphrase, ca or ciphers cannot be used: ${message}.${fix}`,
      { cause },
    );
  }
}

/** Files come in more forms than Node's TLS reads: what holds keys and certificates becomes PEM, a `.p12` DER. */
function withNodesForms({ cert, key, pfx, ca, ...rest }: TlsIdentity): TlsIdentity {
  return {
    ...rest,
    cert: cert && certificatesToPem(cert),
    key: key && privateKeyToPem(key),
    pfx: pfx && p12ToDer(pfx),
    ca: ca && [ca].flat().map(certificatesToPem),
  };
}

const notPem =
  "is neither PEM nor DER; give the content of the file, as readFile(path) has it, not its path. readIdentity of @apns/credentials says what a file is.";

/** Node takes keys with numbers of any size, which block the event loop for half a minute in each handshake. */
function checkKey(field: string, pem: string): void {
  const [, , body] = /-----BEGIN ((?:EC |RSA )?PRIVATE KEY)-----([^-]*)-----END \1-----/.exec(pem) ?? [];
  if (body === undefined) return;
  try {
    describePrivateKey(Buffer.from(body, "base64"));
  } catch (cause) {
    throw unusable(field, "is a private key, but damaged; copy it again, unchanged.", cause);
  }
}

interface Fault {
  readonly field: keyof TlsIdentity;
  readonly problem: string;
}

/** The field that made Node refuse the identity, if it is known. */
function findFault(identity: TlsIdentity, { code, message }: NodeJS.ErrnoException): Fault | undefined {
  const { cert, key, pfx, passphrase } = identity;
  const isLocked = pfx === undefined ? isPem(key) && textOf(key).includes("ENCRYPTED") : /mac verify/.test(message);
  if (pfx !== undefined && (!(pfx instanceof Uint8Array) || message === "not enough data")) {
    const problem = "is not the content of a .p12 file; give its bytes, as readFile(path) has them, not its path.";
    return { field: "pfx", problem };
  }
  if (cert !== undefined && !isPem(cert)) return { field: "cert", problem: notPem };
  if (key !== undefined && !isPem(key)) return { field: "key", problem: notPem };
  if (code === "ERR_OSSL_X509_KEY_VALUES_MISMATCH") {
    return {
      field: "key",
      problem: "is not the key of this cert; give the one that its signing request was made with.",
    };
  }
  if (isLocked) {
    const file = pfx === undefined ? "the key" : "the .p12";
    const problem = passphrase === undefined ? `is missing; ${file} is encrypted.` : `does not open ${file}.`;
    return { field: "passphrase", problem };
  }
  return undefined;
}

function isPem(value: unknown): value is string | Uint8Array {
  return (typeof value === "string" || value instanceof Uint8Array) && textOf(value).includes("-----BEGIN");
}

function textOf(value: string | Uint8Array): string {
  return typeof value === "string" ? value : Buffer.from(value).toString("latin1");
}

function unusable(field: string, problem: string, cause?: unknown): InvalidArgumentError {
  return new InvalidArgumentError(field, problem, { code: "ERR_APNS_CREDENTIALS", cause });
}

/** Node takes Buffers, not every Uint8Array. */
function nodeValue(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  return Array.isArray(value) ? value.map(nodeValue) : value;
}

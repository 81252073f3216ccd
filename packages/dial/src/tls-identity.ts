import { createSecureContext, type SecureContext, type SecureContextOptions, type SecureVersion } from "node:tls";
import { ApnsError, type CertificateAuthorities } from "@apns/core";

/** What a client shows of itself and asks of the server, as Node's TLS takes it. */
export interface TlsIdentity {
  readonly cert?: string | Uint8Array | undefined;
  readonly key?: string | Uint8Array | undefined;
  readonly pfx?: Uint8Array | undefined;
  readonly passphrase?: string | undefined;
  readonly ca?: CertificateAuthorities | undefined;
  readonly ciphers?: string | undefined;
  readonly minVersion?: SecureVersion | undefined;
}

/**
 * Reads certificate and key, once for all connections; opens nothing.
 * @throws {ApnsError} `ERR_APNS_CREDENTIALS`
 */
export function readTlsIdentity(identity: TlsIdentity): SecureContext {
  const given = Object.entries(identity).filter(([, value]) => value !== undefined);
  const options = Object.fromEntries(given.map(([name, value]) => [name, nodeValue(value)])) as SecureContextOptions;
  try {
    return createSecureContext({ minVersion: "TLSv1.2", ...options });
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    // OpenSSL's own words name the part that failed, never its content; for one thing, they name no way out.
    const wayOut =
      code === "ERR_CRYPTO_UNSUPPORTED_OPERATION" && identity.pfx !== undefined
        ? " The .p12 is encrypted as it was usual before OpenSSL 3 (RC2): readIdentity of @apns/credentials reads it."
        : "";
    throw new ApnsError(
      "ERR_APNS_CREDENTIALS",
      `The certificate, key, passphrase, ca or ciphers cannot be used: ${message}.${wayOut}`,
      { cause },
    );
  }
}

/** Node takes Buffers, not every Uint8Array. */
function nodeValue(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  return Array.isArray(value) ? value.map(nodeValue) : value;
}

import { ApnsError } from "@apns/core";

/** A certificate and its private key as PEM texts, ready for the `cert` and `key` options of Node's TLS. */
export interface PemIdentity {
  /** The certificate, possibly followed by those that issued it. */
  readonly cert: string;
  /** The private key: PKCS#8, not encrypted. */
  readonly key: string;
}

/** DER as PEM text, 64 characters a line as RFC 7468 wants it. */
export function encodePem(label: string, der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString("base64")
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join("\n")}\n-----END ${label}-----\n`;
}

const certificateBlock = /-----BEGIN CERTIFICATE-----([\sA-Za-z0-9+/=]+?)-----END CERTIFICATE-----/;

/**
 * The DER of the first certificate in a PEM text (a chain's own certificate comes first), or the bytes as given if they
 * are not text.
 */
export function certificateDer(pemOrDer: string | Uint8Array): Uint8Array {
  // The first bytes of "-----BEGIN": a PEM file read without an encoding.
  const isPem = typeof pemOrDer === "string" || (pemOrDer[0] === 0x2d && pemOrDer[1] === 0x2d);
  if (!isPem) return pemOrDer as Uint8Array;
  const text = typeof pemOrDer === "string" ? pemOrDer : Buffer.from(pemOrDer).toString("latin1");
  const base64 = certificateBlock.exec(text)?.[1];
  if (base64 === undefined) {
    throw new ApnsError(
      "ERR_APNS_CREDENTIALS",
      'certificate: the text holds no "-----BEGIN CERTIFICATE-----" block; give the PEM or DER of a certificate.',
    );
  }
  return Buffer.from(base64, "base64");
}

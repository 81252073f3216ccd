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

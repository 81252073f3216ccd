/** A NIST curve, as SEC 2 and FIPS 186 define it. */
export interface Curve {
  /** Its name in OpenSSL and Node. */
  readonly name: "prime256v1" | "secp384r1" | "secp521r1";
  /** The size of a coordinate, and of a private key. */
  readonly sizeBytes: number;
  /** The order of the base point: a private key is from 1 to below it. */
  readonly order: Uint8Array;
}

/** The curves of certificates in TLS 1.3 (RFC 8446, section 4.2.3), by object identifier. */
export const curves: Readonly<Record<string, Curve>> = {
  "1.2.840.10045.3.1.7": {
    name: "prime256v1",
    sizeBytes: 32,
    order: bytesOf("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551"),
  },
  "1.3.132.0.34": {
    name: "secp384r1",
    sizeBytes: 48,
    order: bytesOf("ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973"),
  },
  "1.3.132.0.35": {
    name: "secp521r1",
    sizeBytes: 66,
    order: bytesOf(
      "01fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409",
    ),
  },
};

function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g)!, (pair) => Number.parseInt(pair, 16));
}

// The only module that imports jsonwebtoken. The build puts the library into the built module, by scripts/bundle-jsonwebtoken.mjs:
// it is CommonJS, and its `require` of Node's modules cannot run in an ES bundle that a user makes.
import type { KeyObject } from "node:crypto";
import jwt from "jsonwebtoken";

/**
 * A JSON Web Token, signed by ECDSA on P-256 with SHA-256 (RFC 7518, section 3.4).
 * @param keyId of the header
 */
export function signEs256(claims: object, key: KeyObject, keyId: string): string {
  return jwt.sign(claims, key, { algorithm: "ES256", keyid: keyId });
}

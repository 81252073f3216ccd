import type { Certificate } from "./certificate.js";

export type CertificateValidity = "valid" | "expired" | "not-yet-valid";

/** Where an instant lies in a certificate's time; both ends belong to it (RFC 5280, section 4.1.2.5). */
export function validity({ description }: Certificate, at: Date): CertificateValidity {
  if (at < description.notBefore) return "not-yet-valid";
  return at > description.notAfter ? "expired" : "valid";
}

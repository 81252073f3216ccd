import type { X509Certificate } from "node:crypto";

export type CertificateValidity = "valid" | "expired" | "not-yet-valid";

/** Where an instant lies in a certificate's time; both ends belong to it (RFC 5280, section 4.1.2.5). */
export function validity(certificate: X509Certificate, at: Date): CertificateValidity {
  if (at < new Date(certificate.validFrom)) return "not-yet-valid";
  return at > new Date(certificate.validTo) ? "expired" : "valid";
}

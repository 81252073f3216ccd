import {
  type CertificateDescription,
  type CredentialItem,
  describeCertificate,
  describePrivateKey,
  encodePem,
  formatName,
  readCredentialFile,
} from "@apns/core/der";

/** The certificates in a file of any form, as PEM; the content as it was given if it holds none. */
export function certificatesToPem(content: string | Uint8Array): string | Uint8Array {
  const certificates = itemsOf(content).filter(({ format }) => format === "certificate");
  if (certificates.length === 0) return content;
  return leafFirst(certificates)
    .map(({ der }) => encodePem("CERTIFICATE", der))
    .join("");
}

/** The private key in a file of any form, as PEM; the content as it was given if it holds none, or several. */
export function privateKeyToPem(content: string | Uint8Array): string | Uint8Array {
  const keys = itemsOf(content).filter(({ format }) => format.endsWith("private-key"));
  const [key] = keys;
  if (key === undefined || keys.length > 1) return content;
  if (key.encryptedPem !== undefined) return key.encryptedPem;
  if (key.format === "encrypted-private-key") return encodePem("ENCRYPTED PRIVATE KEY", key.der);
  return encodePem(labels[formatOf(key.der)], key.der);
}

/** The `.p12` in a file of any form, as DER; the content as it was given if it holds none. */
export function p12ToDer(content: Uint8Array): Uint8Array {
  return itemsOf(content).find(({ format }) => format === "p12")?.der ?? content;
}

const labels = { pkcs8: "PRIVATE KEY", pkcs1: "RSA PRIVATE KEY", sec1: "EC PRIVATE KEY" } as const;

/** A damaged key is given any label: whoever reads it next finds it damaged. */
function formatOf(der: Uint8Array): keyof typeof labels {
  try {
    return describePrivateKey(der).format;
  } catch {
    return "pkcs8";
  }
}

function itemsOf(content: string | Uint8Array): readonly CredentialItem[] {
  if (typeof content !== "string" && !(content instanceof Uint8Array)) return [];
  const read = readCredentialFile(content);
  return read.kind === "items" ? read.items : [];
}

/** TLS wants the own certificate first, then each one's issuer; files have them in any order. Damaged ones stay in place. */
function leafFirst(certificates: readonly CredentialItem[]): readonly CredentialItem[] {
  const links: { readonly item: CredentialItem; readonly subject: string; readonly issuer: string }[] = [];
  for (const item of certificates) {
    const description = describe(item.der);
    if (description === undefined) return certificates;
    links.push({ item, subject: formatName(description.subject), issuer: formatName(description.issuer) });
  }
  const leaves = links.filter((link) => !links.some((other) => other !== link && other.issuer === link.subject));
  if (leaves.length !== 1) return certificates;
  const ordered = [leaves[0]!];
  for (let last = ordered[0]!; ordered.length < links.length; last = ordered.at(-1)!) {
    const next = links.find((link) => !ordered.includes(link) && link.subject === last.issuer);
    ordered.push(next ?? links.find((link) => !ordered.includes(link))!);
  }
  return ordered.map(({ item }) => item);
}

function describe(der: Uint8Array): CertificateDescription | undefined {
  try {
    return describeCertificate(der);
  } catch {
    return undefined;
  }
}

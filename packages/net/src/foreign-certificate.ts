import { attributeOf, attributeTypes, type CertificateDescription, type DistinguishedName } from "@apns/core/der";
import { printable } from "@apns/core/internal";

/** Of a name in a message: a certificate of a stranger may hold any. */
const maxShownCharacters = 100;

/** A server's certificate in words, for the error of a connection that failed. */
export interface CertificateInWords {
  /** Whose it is, and who issued it. */
  readonly text: string;
  /** Apple's host shows a certificate that Apple has not issued: TLS inspection, or a server of somebody else. */
  readonly isForeign: boolean;
}

/**
 * @param chain the server's certificate, and those of its issuers as far as the server sent them
 * @param host the host that was asked for
 */
export function certificateInWords(
  chain: readonly CertificateDescription[],
  host: string,
): CertificateInWords | undefined {
  const [certificate] = chain;
  if (certificate === undefined) return undefined;
  const { subject, issuer } = certificate;
  const top = chain.at(-1)!.issuer;
  const chainEnd = nameOf(top) === nameOf(issuer) ? "" : `, in a chain that ends in ${nameOf(top)}`;
  const isForeign = isAppleHost(host) && attributeOf(issuer, attributeTypes.organization) !== "Apple Inc.";
  const whose = isForeign ? "not Apple's, but " : "";
  const text = `the server's certificate is ${whose}for ${nameOf(subject)}, issued by ${nameOf(issuer)}${chainEnd}`;
  return { text, isForeign };
}

function isAppleHost(host: string): boolean {
  return /(^|\.)push\.apple\.com$/i.test(host);
}

/** The common name, and the organization where it says more. */
function nameOf(name: DistinguishedName): string {
  const commonName = attributeOf(name, attributeTypes.commonName);
  const organization = attributeOf(name, attributeTypes.organization);
  if (commonName === undefined && organization === undefined) return "nobody";
  if (commonName === undefined || organization === undefined || commonName === organization) {
    return shown(commonName ?? organization!);
  }
  return `${shown(commonName)} (${shown(organization)})`;
}

function shown(text: string): string {
  const cut = text.length > maxShownCharacters ? `${text.slice(0, maxShownCharacters)}…` : text;
  return `"${printable(cut)}"`;
}

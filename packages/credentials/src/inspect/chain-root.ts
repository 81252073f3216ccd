import { readFileSync } from "node:fs";
import * as tls from "node:tls";
import { formatName } from "@apns/core/der";
import { Certificate } from "../certificates/certificate.js";
import { chainOf } from "../certificates/key-holders.js";
import type { CredentialFile } from "../files/credential-file.js";
import { collectFiles } from "../identity/collect-files.js";
import { findLeaves } from "../identity/read-certificates.js";

/** A root certificate that the chain of APNs' servers has ended in. */
export interface ApnsRoot {
  readonly commonName: string;
  /** 64 hexadecimal digits, lower case. */
  readonly sha256Fingerprint: string;
  /** Since when Apple's production servers use it. */
  readonly usedSince: Date;
}

/**
 * The root that APNs uses today. Source: Apple, "Apple Push Notification service server certificate update" (October 2024):
 * the development servers changed on 20 January 2025, those of production on 24 February 2025.
 *
 * Browsers' root programs end their trust in it for websites between 2025 and 2027, and Node's own list follows Mozilla's.
 */
export const apnsRoot: ApnsRoot = {
  commonName: "USERTrust RSA Certification Authority",
  sha256Fingerprint: "e793c9b02fd8aa13e21c31228accb08119643b749c898964b1746d46c3d4cbd2",
  usedSince: new Date("2025-02-24T00:00:00Z"),
};

/** The root that a server's chain ends in. */
export interface ChainRootReport {
  /** Its subject, on one line (RFC 4514). */
  readonly name: string;
  /** Whether this runtime trusts it, so that a connection needs no `ca`. */
  readonly isTrusted: boolean;
  /** Whether it is the root that APNs uses; if not, something between answers in Apple's place, or Apple has changed it. */
  readonly isApnsRoot: boolean;
  /** `undefined` where neither the chain nor the runtime has the root itself. */
  readonly notAfter: Date | undefined;
  /** 64 hexadecimal digits, lower case; `undefined` likewise. */
  readonly sha256Fingerprint: string | undefined;
}

export interface InspectChainRootOptions {
  /** The roots that are trusted, PEM each. @default those of this runtime: Node's own and NODE_EXTRA_CA_CERTS */
  readonly roots?: readonly string[];
}

/**
 * Names the root that the chain of a server ends in, and says whether this runtime has it: without it, no connection to that
 * server can be made.
 * @param chain the certificates that the server presents, in any form and order; the root itself is mostly not among them
 * @throws {CredentialsError} `…_NO_CERTIFICATE` if there is none, and whatever a file can be refused for
 */
export function inspectChainRoot(
  chain: CredentialFile | readonly CredentialFile[],
  options: InspectChainRootOptions = {},
): ChainRootReport {
  const found = collectFiles(chain, {});
  const [leaf] = findLeaves(found);
  // Only certificates that sign each other in a circle have no leaf.
  const start = leaf?.certificate ?? found.certificates[0]!;
  const top = chainOf(start, found.certificates).at(-1) ?? start;
  const issuerName = formatName(top.description.issuer);
  const trusted = rootsNamed(issuerName, options.roots ?? runtimeRoots()).find((root) => top.isIssuedBy(root));
  const root = trusted ?? (top.isIssuedBy(top) ? top : undefined);
  const sha256Fingerprint = root?.fingerprint;
  return {
    name: issuerName,
    isTrusted: trusted !== undefined,
    isApnsRoot:
      sha256Fingerprint === undefined
        ? top.issuerName === apnsRoot.commonName
        : sha256Fingerprint === apnsRoot.sha256Fingerprint,
    notAfter: root?.description.notAfter,
    sha256Fingerprint,
  };
}

/** The roots of this name; what is no certificate, or a damaged one, is none. */
function rootsNamed(name: string, roots: readonly string[]): Certificate[] {
  const pems = roots.flatMap((text) => text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []);
  return pems.flatMap((pem) => {
    try {
      const root = new Certificate("a root", Buffer.from(pem.replaceAll(/-----[^-]+-----|\s/g, ""), "base64"));
      return formatName(root.description.subject) === name ? [root] : [];
    } catch {
      return [];
    }
  });
}

/** The roots that connections of this process trust: since Node 22.15 it says so itself. */
function runtimeRoots(): readonly string[] {
  const { getCACertificates } = tls as { readonly getCACertificates?: (type: "default") => string[] };
  if (getCACertificates !== undefined) return getCACertificates("default");
  const extra = process.env["NODE_EXTRA_CA_CERTS"];
  return extra === undefined ? tls.rootCertificates : [...tls.rootCertificates, readOrNothing(extra)];
}

/** Node warns of a file that it cannot read, and goes on without it. */
function readOrNothing(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return "";
  }
}

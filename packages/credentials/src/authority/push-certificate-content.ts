import { InvalidArgumentError } from "@apns/core";
import { type PushCertificateTopic, pushExtensions } from "@apns/core/der";
import { checkOneOf, checkText } from "@apns/core/internal";
import { derNull, encodeTopics, usualTopics } from "./push-extensions.js";
import type { ValidityOptions } from "./validity-period.js";
import {
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  Extension,
  type JsonName,
  KeyUsageFlags,
  KeyUsagesExtension,
} from "./x509.js";

export interface PushCertificateContentOptions extends ValidityOptions {
  /** The app; becomes the subject's UID, which is the certificate's topic. */
  readonly bundleId: string;
  /** The team the app belongs to; becomes the subject's OU. */
  readonly teamId: string;
  /** Both make a universal certificate, the kind Apple issues nowadays. */
  readonly environments: readonly ("production" | "development")[];
  /**
   * The topics listed in the certificate; an empty list leaves the list out, which makes the bundle ID the only topic.
   * @default for a universal certificate the bundle ID, its `.voip` and its `.complication`; else none
   */
  readonly topics?: readonly PushCertificateTopic[];
  /** @default Apple's prefix for that kind of certificate, then the bundle ID */
  readonly commonName?: string;
}

/** The parts of a certificate that depend on its kind. */
export interface LeafContent {
  readonly subject: JsonName;
  readonly extensions: Extension[];
}

/**
 * Subject and extensions as Apple gives them to push certificates.
 * @throws {InvalidArgumentError}
 */
export function pushCertificateContent(options: PushCertificateContentOptions): LeafContent {
  const bundleId = checkText("bundleId", options.bundleId);
  const teamId = checkText("teamId", options.teamId);
  const environments = new Set(
    options.environments.map((environment, index) =>
      checkOneOf(`environments[${index}]`, environment, ["production", "development"] as const),
    ),
  );
  if (environments.size === 0) {
    throw new InvalidArgumentError("environments", 'is empty: name "production", "development" or both.');
  }
  const topics = options.topics ?? (environments.size === 2 ? usualTopics(bundleId) : []);
  const commonName = checkText("commonName", options.commonName ?? appleCommonName(environments, bundleId));
  const extensions: Extension[] = [
    new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
    new ExtendedKeyUsageExtension([ExtendedKeyUsage.clientAuth]),
  ];
  if (environments.has("development")) extensions.push(new Extension(pushExtensions.development, false, derNull));
  if (environments.has("production")) extensions.push(new Extension(pushExtensions.production, false, derNull));
  if (topics.length > 0) extensions.push(new Extension(pushExtensions.topics, false, encodeTopics(topics)));
  const subject: JsonName = [{ [uidOid]: [bundleId] }, { CN: [commonName] }, { OU: [teamId] }, { C: ["US"] }];
  return { subject, extensions };
}

/** The subject attribute userId; spelled as a number because the X.509 library knows no name for it. */
const uidOid = "0.9.2342.19200300.100.1.1";

function appleCommonName(environments: ReadonlySet<"production" | "development">, bundleId: string): string {
  const kind =
    environments.size === 2
      ? "Apple Push Services"
      : environments.has("production")
        ? "Apple Production IOS Push Services"
        : "Apple Development IOS Push Services";
  return `${kind}: ${bundleId}`;
}

import { InvalidArgumentError } from "@apns/core";
import { pushExtensions } from "@apns/core/der";
import { checkOneOf, checkText } from "@apns/core/internal";
import type { PushCertificateContentOptions } from "./push-certificate-options.js";
import { derNull, encodeTopics, usualTopics } from "./push-extensions.js";
import {
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  Extension,
  type JsonName,
  KeyUsageFlags,
  KeyUsagesExtension,
} from "./x509.js";

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

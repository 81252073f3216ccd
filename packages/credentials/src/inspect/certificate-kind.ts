import type { PushCertificateDescription } from "../certificates/describe-push-certificate.js";

/**
 * The use of a certificate of Apple's. `universal`: an app in both environments, the kind that the portal makes today.
 * `development` and `production`: an app in one environment. `pass` and `order`: passes and orders in Wallet. `other`: not for
 * push.
 */
export type CertificateKind =
  | "universal"
  | "development"
  | "production"
  | "voip"
  | "watch"
  | "complication"
  | "pass"
  | "order"
  | "website"
  | "mdm"
  | "other";

/** By the topic where it tells, else by the prefix that Apple puts before the common name. The first that fits counts. */
const namedKinds: readonly (readonly [
  kind: CertificateKind,
  uid: RegExp | undefined,
  commonName: string | undefined,
])[] = [
  ["mdm", /^com\.apple\.mgmt\./, undefined],
  ["website", /^web\./, "Website Push ID: "],
  ["pass", /^pass\./, "Pass Type ID: "],
  ["order", /^order\./, "Order Type ID: "],
  ["voip", /\.voip$/, "VoIP Services: "],
  ["complication", /\.complication$/, undefined],
  ["watch", undefined, "WatchKit Services: "],
];

/** They sign files as well, and are known by name without the mark of an environment. */
const signingKinds: readonly CertificateKind[] = ["pass", "order"];

/** The kind of a certificate. Without the mark of an environment, it is for nothing that APNs knows. */
export function kindOf({ uid = "", commonName = "", environments }: PushCertificateDescription): CertificateKind {
  const [named] =
    namedKinds.find(
      ([, topic, prefix]) => topic?.test(uid) || (prefix !== undefined && commonName.startsWith(prefix)),
    ) ?? [];
  if (environments.length === 0) return named !== undefined && signingKinds.includes(named) ? named : "other";
  if (named !== undefined) return named;
  return environments.length === 2 ? "universal" : environments[0]!;
}

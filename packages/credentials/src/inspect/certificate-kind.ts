import type { PushCertificateDescription } from "../certificates/describe-push-certificate.js";

/**
 * What a certificate of Apple's is for. `universal`: an app, both environments, the kind the portal makes today.
 * `development` and `production`: an app, one environment. `other`: not for push.
 */
export type CertificateKind =
  | "universal"
  | "development"
  | "production"
  | "voip"
  | "watch"
  | "complication"
  | "pass"
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
  ["voip", /\.voip$/, "VoIP Services: "],
  ["complication", /\.complication$/, undefined],
  ["watch", undefined, "WatchKit Services: "],
];

/** The kind of a certificate. One that carries no mark of an environment is for nothing APNs knows. */
export function kindOf({ uid = "", commonName = "", environments }: PushCertificateDescription): CertificateKind {
  if (environments.length === 0) return "other";
  const named = namedKinds.find(
    ([, topic, prefix]) => topic?.test(uid) || (prefix !== undefined && commonName.startsWith(prefix)),
  );
  if (named !== undefined) return named[0];
  return environments.length === 2 ? "universal" : environments[0]!;
}

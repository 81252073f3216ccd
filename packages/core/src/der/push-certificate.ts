// The content of push certificates: the subject's UID, and the extensions below Apple's arc 1.2.840.113635.100.6.3.
//
// Purpose of .6: Apple, "Establishing a certificate-based connection to APNs". Its shape, and the meaning of .1 and .2,
// are what several independent readers of Apple's certificates agree on.
import type { CertificateDescription } from "./certificate.js";
import { attributeOf, attributeTypes } from "./distinguished-name.js";
import { DerReader, type DerValue, derTags } from "./reader.js";

/** The object identifiers of Apple's extensions. */
export const pushExtensions = {
  development: "1.2.840.113635.100.6.3.1",
  production: "1.2.840.113635.100.6.3.2",
  topics: "1.2.840.113635.100.6.3.6",
} as const;

/** The use of a topic that a certificate lists. */
export type TopicKind = "app" | "voip" | "complication" | (string & {});

export interface PushCertificateTopic {
  readonly topic: string;
  readonly kind: TopicKind;
}

/** The claims of a push certificate about its holder, none of them verified. */
export interface PushCertificateClaims {
  /** The subject's UID: the bundle ID, or another kind of topic. */
  readonly uid: string | undefined;
  /** The topics it covers: those it lists, else its UID. */
  readonly topics: readonly PushCertificateTopic[];
  /**
   * The topic of a notification that names none: the only one it covers, or, of several, the app's own, which is the UID.
   * `undefined` if it covers none, or several of which none is the UID.
   */
  readonly defaultTopic: string | undefined;
  /** Empty for a certificate that is not for pushing. */
  readonly environments: readonly ("production" | "development")[];
  /** The subject's OU. */
  readonly teamId: string | undefined;
  readonly commonName: string | undefined;
}

/** @throws {DerError} if the list of topics is damaged */
export function readPushCertificate({ subject, extensions }: CertificateDescription): PushCertificateClaims {
  const uid = attributeOf(subject, attributeTypes.userId);
  const topics = readTopics(extensions.get(pushExtensions.topics), uid);
  const names = topics.map(({ topic }) => topic);
  const environments: ("production" | "development")[] = [];
  if (extensions.has(pushExtensions.production)) environments.push("production");
  if (extensions.has(pushExtensions.development)) environments.push("development");
  return {
    uid,
    topics,
    defaultTopic: names.length === 1 ? names[0] : names.find((name) => name === uid),
    environments,
    teamId: attributeOf(subject, attributeTypes.organizationalUnit),
    commonName: attributeOf(subject, attributeTypes.commonName),
  };
}

function readTopics(list: Uint8Array | undefined, uid: string | undefined): readonly PushCertificateTopic[] {
  if (list !== undefined) return decodeTopics(list);
  return uid === undefined ? [] : [{ topic: uid, kind: "app" }];
}

/**
 * The content of the extension that lists topics: a SEQUENCE of pairs, not nested, of a UTF8String and a SEQUENCE that holds
 * the kind as another.
 * @throws {DerError} if the bytes have another shape
 */
export function decodeTopics(der: Uint8Array): PushCertificateTopic[] {
  const outer = new DerReader(der);
  const entries = outer.sequence("the list of topics");
  outer.end("the list of topics");
  const topics: PushCertificateTopic[] = [];
  while (!entries.atEnd) {
    const topic = decodeText(entries.next("a topic", derTags.utf8String));
    const kinds = entries.sequence("a topic's kind");
    topics.push({ topic, kind: kinds.atEnd ? "" : decodeText(kinds.next("a topic's kind")) });
  }
  return topics;
}

function decodeText({ content }: DerValue): string {
  return new TextDecoder().decode(content);
}

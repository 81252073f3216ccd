// The extensions by which APNs knows a push certificate, all below Apple's arc 1.2.840.113635.100.6.3.
//
// Purpose of .6: Apple, "Establishing a certificate-based connection to APNs". Its shape, and the meaning of .1 and .2,
// are what several independent readers of Apple's certificates agree on.
import { DerReader, type DerValue, derTags } from "@apns/core/der";
import { encodeDer } from "../encoding.js";

export const developmentOid = "1.2.840.113635.100.6.3.1";
export const productionOid = "1.2.840.113635.100.6.3.2";
export const topicsOid = "1.2.840.113635.100.6.3.6";

/** The use of a topic that a certificate lists. */
export type TopicKind = "app" | "voip" | "complication" | (string & {});

export interface PushCertificateTopic {
  readonly topic: string;
  readonly kind: TopicKind;
}

/** The content of .1 and .2: their presence says it all. */
export const derNull: Uint8Array = Uint8Array.of(0x05, 0x00);

/** The topics that a universal certificate for an app lists. */
export function usualTopics(bundleId: string): PushCertificateTopic[] {
  return [
    { topic: bundleId, kind: "app" },
    { topic: `${bundleId}.voip`, kind: "voip" },
    { topic: `${bundleId}.complication`, kind: "complication" },
  ];
}

/** SEQUENCE of pairs, not nested: UTF8String topic, SEQUENCE { UTF8String kind }. */
export function encodeTopics(topics: readonly PushCertificateTopic[]): Uint8Array {
  const text = (value: string) => encodeDer(derTags.utf8String, Buffer.from(value, "utf8"));
  const pairs = topics.flatMap(({ topic, kind }) => [text(topic), encodeDer(derTags.sequence, text(kind))]);
  return encodeDer(derTags.sequence, Buffer.concat(pairs));
}

/** @throws {DerError} if the bytes have another shape */
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
  return Buffer.from(content).toString("utf8");
}

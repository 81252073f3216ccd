// The extensions by which APNs knows a push certificate, all below Apple's arc 1.2.840.113635.100.6.3.
//
// Purpose of .6: Apple, "Establishing a certificate-based connection to APNs". Its shape, and the meaning of .1 and .2,
// are what several independent readers of Apple's certificates agree on.
import { decodeDer, encodeDer, sequenceTag, utf8StringTag } from "./der.js";

export const developmentOid = "1.2.840.113635.100.6.3.1";
export const productionOid = "1.2.840.113635.100.6.3.2";
export const topicsOid = "1.2.840.113635.100.6.3.6";

/** What a topic of a certificate is for. */
export type TopicKind = "app" | "voip" | "complication" | (string & {});

export interface PushCertificateTopic {
  readonly topic: string;
  readonly kind: TopicKind;
}

/** The content of .1 and .2: their presence says it all. */
export const derNull: Uint8Array = Uint8Array.of(0x05, 0x00);

/** What a universal certificate for an app lists. */
export function usualTopics(bundleId: string): PushCertificateTopic[] {
  return [
    { topic: bundleId, kind: "app" },
    { topic: `${bundleId}.voip`, kind: "voip" },
    { topic: `${bundleId}.complication`, kind: "complication" },
  ];
}

/** SEQUENCE of pairs, not nested: UTF8String topic, SEQUENCE { UTF8String kind }. */
export function encodeTopics(topics: readonly PushCertificateTopic[]): Uint8Array {
  const text = (value: string) => encodeDer(utf8StringTag, Buffer.from(value, "utf8"));
  const pairs = topics.flatMap(({ topic, kind }) => [text(topic), encodeDer(sequenceTag, text(kind))]);
  return encodeDer(sequenceTag, Buffer.concat(pairs));
}

/** @throws {RangeError} if the bytes have another shape */
export function decodeTopics(der: Uint8Array): PushCertificateTopic[] {
  const [list, ...rest] = decodeDer(der);
  if (list?.tag !== sequenceTag || rest.length > 0) throw new RangeError("The list of topics is not one SEQUENCE.");
  const entries = decodeDer(list.content);
  const topics: PushCertificateTopic[] = [];
  for (let index = 0; index < entries.length; index += 2) {
    const name = entries[index]!;
    const kinds = entries[index + 1];
    if (name.tag !== utf8StringTag || kinds?.tag !== sequenceTag) throw new RangeError("A topic is not a pair.");
    const kind = decodeDer(kinds.content)[0];
    topics.push({ topic: decodeText(name.content), kind: kind === undefined ? "" : decodeText(kind.content) });
  }
  return topics;
}

function decodeText(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("utf8");
}

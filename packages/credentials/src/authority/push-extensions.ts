import { derTags, type PushCertificateTopic } from "@apns/core/der";
import { encodeDer } from "../encoding.js";

/** The content of the extensions that mark an environment: their presence is all that counts. */
export const derNull: Uint8Array = Uint8Array.of(0x05, 0x00);

/** The topics that a universal certificate for an app lists. */
export function usualTopics(bundleId: string): PushCertificateTopic[] {
  return [
    { topic: bundleId, kind: "app" },
    { topic: `${bundleId}.voip`, kind: "voip" },
    { topic: `${bundleId}.complication`, kind: "complication" },
  ];
}

/** The content of the extension that lists topics, as `decodeTopics` of `@apns/core/der` reads it. */
export function encodeTopics(topics: readonly PushCertificateTopic[]): Uint8Array {
  const text = (value: string) => encodeDer(derTags.utf8String, Buffer.from(value, "utf8"));
  const pairs = topics.flatMap(({ topic, kind }) => [text(topic), encodeDer(derTags.sequence, text(kind))]);
  return encodeDer(derTags.sequence, Buffer.concat(pairs));
}

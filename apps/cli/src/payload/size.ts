import { encodePayload, largestKeys, maxPayloadBytes, type PushType, type Wire } from "@apns/core";
import { withoutSecrets } from "@apns/core/internal";
import { parseJson } from "./build-payload.js";

export interface PayloadSize {
  /** In bytes of UTF-8, as it goes on the wire. */
  readonly sizeBytes: number;
  /** At most five, largest first; none if the payload is no JSON object. */
  readonly largestKeys: readonly { readonly key: string; readonly sizeBytes: number }[];
  readonly limits: readonly PayloadLimit[];
}

interface PayloadLimit {
  readonly pushType: PushType;
  readonly wire: Wire;
  readonly limitBytes: number;
  readonly fits: boolean;
}

/** How large a payload is, and what the push types allow on both wires. */
export function measurePayload(payload: object | string, pushTypes: readonly PushType[]): PayloadSize {
  const sizeBytes = encodePayload(payload).length;
  const value = typeof payload === "string" ? parseJson(payload) : payload;
  const limits = pushTypes.flatMap((pushType) =>
    (["http2", "binary"] as const).map((wire) => {
      const limitBytes = maxPayloadBytes(pushType, wire);
      return { pushType, wire, limitBytes, fits: sizeBytes > 0 && sizeBytes <= limitBytes };
    }),
  );
  const largest = largestKeys(value).map((entry) => ({ ...entry, key: withoutSecrets(entry.key) }));
  return { sizeBytes, largestKeys: largest, limits };
}

import { generateSigningKey, type PemIdentity } from "@apns/credentials";
import type { Load } from "../contender.js";

/** The parts of a notification that differ from push to push. */
export type Varied =
  /** The payload; the notifications are made before the clock starts. */
  | "ready-made payload"
  /** The payload; like all that follow, with a call of `alert` for each push. */
  | "payload"
  /** Payload and collapse id. */
  | "collapse id"
  /** Payload and expiration. */
  | "expiration"
  /** Payload, collapse id and expiration. */
  | "collapse id and expiration"
  /** The payload, with one of 200 collapse ids in turn. */
  | "200 collapse ids"
  /** The payload, by a template that is filled. */
  | "merge fields";

/** The setting of every contender: the same server, credentials, payload and device tokens. */
export interface Http2Setting {
  readonly port: number;
  readonly ca: string;
  readonly signingKey: string;
  /** How many different device tokens are pushed to, at most. */
  readonly deviceTokens: number;
  /** What differs from push to push; for contenders that can. @default nothing: one notification for all */
  readonly varied?: Varied;
  readonly load: Load;
}

/** What the fast sink answers. */
export type SinkCalls = {
  /** @returns its port */
  listen(identity: Pick<PemIdentity, "cert" | "key">): Promise<number>;
  /** Used so far. */
  cpuSeconds(): number;
};

export const topic = "com.example.App";
export const keyId = "KEY1234567";
export const teamId = "TEAM123456";

const body = "A notification of the size that people send, to be the same for every contender of this bench. ".repeat(
  2,
);

/** 250 bytes of JSON. */
export const payload: { readonly aps: { readonly alert: string } } = {
  aps: { alert: body.slice(0, 250 - JSON.stringify({ aps: { alert: "" } }).length) },
};

/** As long, and another one for each. */
export function personalPayload(index: number): typeof payload {
  const name = String(index);
  return { aps: { alert: name + payload.aps.alert.slice(name.length) } };
}

/** How many different device tokens there are. */
export const allDeviceTokens = 4096;

/** 64 hexadecimal digits. */
export function deviceToken(index: number): string {
  return tokens[index % allDeviceTokens]!;
}

const tokens = Array.from({ length: allDeviceTokens }, (_, index) =>
  (index * 2_654_435_761).toString(16).padStart(16, "0").slice(-16).repeat(4),
);

export async function makeSigningKey(): Promise<string> {
  return (await generateSigningKey()).key;
}

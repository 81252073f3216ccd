import { type AppleEnvironment, pushTypes } from "@apns/core";

export interface App {
  readonly bundleId: string;
  readonly teamId: string;
  /** Whether the broadcast capability is switched on. Switching it off deletes the app's channels. @default true */
  readonly broadcast?: boolean;
}

/** A key registered with Apple for signing provider tokens. */
export interface SigningKey {
  readonly keyId: string;
  readonly teamId: string;
  /** The public half, or the whole key: PEM. */
  readonly key: string;
  /** The only environment it is for. @default both, as keys made before 2025 are */
  readonly environment?: AppleEnvironment;
  /** The only topics it is for. @default all of the team's */
  readonly topics?: readonly string[];
  /** A topic-specific key may have one other key that connections can change to. */
  readonly relatedKeyId?: string;
}

const suffixes = new Set(Object.values(pushTypes).map((row) => row.topicSuffix));

/** Whether `topic` is the app's: its bundle ID, or that with the suffix of a push type. */
export function isTopicOf(bundleId: string, topic: string): boolean {
  return topic.startsWith(bundleId) && suffixes.has(topic.slice(bundleId.length));
}

import { InvalidArgumentError } from "@apns/core";
import { checkInteger, checkOneOf } from "@apns/core/internal";

/** The messages that a channel stores for devices that are offline: none, or the most recent one for up to 8 hours. */
export type MessageStorage = "none" | "mostRecent";

/** A channel that Live Activities can listen to. */
export interface Channel {
  /** Base64. */
  readonly channelId: string;
  readonly bundleId: string;
  readonly messageStorage: MessageStorage;
}

/** Apple's limit for an app in one environment. */
const appleLimit = 10_000;

/** How many deleted channels are remembered; of older ones it is said that they never existed. */
const maxDeleted = 100_000;

/** Sixteen octets make the 24 characters that were seen of Apple (2026). */
const idBytes = 16;

/** The channels of all apps. They live until they are deleted, and their ids are never given out again. */
export class ChannelTable {
  readonly #random: () => number;
  readonly #channels = new Map<string, Channel>();
  /** How many there are of each app. */
  readonly #counts = new Map<string, number>();
  readonly #deleted = new Set<string>();
  #maxPerApp = appleLimit;

  constructor(random: () => number) {
    this.#random = random;
  }

  /** How many channels an app may have; above that, making one is refused. @default 10_000, Apple's limit */
  get maxPerApp(): number {
    return this.#maxPerApp;
  }

  set maxPerApp(value: number) {
    this.#maxPerApp = checkInteger("maxPerApp", value, 0, appleLimit);
  }

  /**
   * Makes a channel.
   * @throws {InvalidArgumentError} naming `messageStorage`, or `bundleId` if the app has as many as it may have
   */
  create(bundleId: string, messageStorage: MessageStorage = "mostRecent"): Channel {
    checkOneOf("messageStorage", messageStorage, ["none", "mostRecent"] as const);
    if (!this.hasRoom(bundleId)) {
      throw new InvalidArgumentError("bundleId", `${bundleId} has ${this.#maxPerApp} channels already; delete some.`);
    }
    const octets = Uint8Array.from({ length: idBytes }, () => Math.floor(this.#random() * 256));
    const channel: Channel = { channelId: Buffer.from(octets).toString("base64"), bundleId, messageStorage };
    this.#channels.set(channel.channelId, channel);
    this.#counts.set(bundleId, (this.#counts.get(bundleId) ?? 0) + 1);
    return channel;
  }

  /** Whether the app may have another channel. */
  hasRoom(bundleId: string): boolean {
    return (this.#counts.get(bundleId) ?? 0) < this.#maxPerApp;
  }

  /** The app's channel of this id; one of another app is none. */
  get(bundleId: string, channelId: string): Channel | undefined {
    const channel = this.#channels.get(channelId);
    return channel?.bundleId === bundleId ? channel : undefined;
  }

  /** Whether there was such a channel of the app once. */
  wasDeleted(bundleId: string, channelId: string): boolean {
    return this.#deleted.has(deletedKey(bundleId, channelId));
  }

  /** The app's channels, in the order in which they were made. */
  list(bundleId: string): Channel[] {
    return [...this.#channels.values()].filter((channel) => channel.bundleId === bundleId);
  }

  /** Deletes a channel for good. Returns whether there was one. */
  delete(bundleId: string, channelId: string): boolean {
    if (this.get(bundleId, channelId) === undefined) return false;
    this.#channels.delete(channelId);
    this.#counts.set(bundleId, this.#counts.get(bundleId)! - 1);
    if (this.#deleted.size >= maxDeleted) this.#deleted.delete(this.#deleted.values().next().value!);
    this.#deleted.add(deletedKey(bundleId, channelId));
    return true;
  }

  /** There never was a channel, and an app may have as many as Apple allows. */
  clear(): void {
    this.#channels.clear();
    this.#counts.clear();
    this.#deleted.clear();
    this.#maxPerApp = appleLimit;
  }

  /** Deletes all channels of an app, as switching off its capability does. */
  deleteAll(bundleId: string): void {
    for (const { channelId } of this.list(bundleId)) this.delete(bundleId, channelId);
  }
}

function deletedKey(bundleId: string, channelId: string): string {
  return `${bundleId} ${channelId}`;
}

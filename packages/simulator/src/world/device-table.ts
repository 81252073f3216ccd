import type { AppleEnvironment } from "@apns/core";

/** The world's entry of one device token. */
export interface Device {
  /** The topic it was registered for: a bundle ID, or a complete topic. */
  readonly topic: string;
  readonly environment: AppleEnvironment;
  /** Milliseconds since the epoch; `undefined` while the app is installed. */
  readonly unregisteredAt: number | undefined;
}

/** The app and environment that a device token is registered for. */
export interface RegisterOptions {
  /** The app's bundle ID, or a complete topic such as `com.example.App.voip`. @default the first app's bundle ID */
  readonly topic?: string;
  /** @default the simulator's own; a token of the other one is refused with BadDeviceToken */
  readonly environment?: AppleEnvironment;
}

/** Ordinary device tokens: 32 bytes. Only these go into the compact table. */
const tokenWords = 8;
const wordDigits = 8;
const tokenDigits = tokenWords * wordDigits;

/** 0–15 for the character codes of hexadecimal digits of either case, 255 for any other a string can hold. */
const digitOf = new Uint8Array(0x1_0000).fill(255);
for (let digit = 0; digit < 16; digit++) {
  digitOf[digit.toString(16).charCodeAt(0)] = digit;
  digitOf[digit.toString(16).toUpperCase().charCodeAt(0)] = digit;
}

const development = 1;
const forgotten = 2;

/**
 * Device tokens and what is known of them: some 60 bytes for each, where a `Map` of strings takes four times that, so
 * that millions of devices fit beside the test that invented them.
 *
 * An open-addressing hash table from the token's eight 32-bit words to an index into parallel arrays. Tokens of other
 * lengths (Live Activities have longer ones) are few and live in a `Map`.
 */
export class DeviceTable {
  /** Reused by every look-up: the words of the token asked for. */
  readonly #asked = new Uint32Array(tokenWords);
  #slots = new Int32Array(1024);
  #words = new Uint32Array(512 * tokenWords);
  #topicOf = new Uint16Array(512);
  #flags = new Uint8Array(512);
  /** NaN while registered. */
  #unregisteredAt = new Float64Array(512);
  #used = 0;
  #known = 0;

  readonly #topics: string[] = [];
  readonly #topicIndex = new Map<string, number>();
  readonly #others = new Map<string, Device>();

  /** How many device tokens are known, unregistered ones included. */
  get size(): number {
    return this.#known + this.#others.size;
  }

  /** Any text may be asked for; what is no device token is not known. */
  get(deviceToken: string): Device | undefined {
    if (deviceToken.length !== tokenDigits) return this.#others.get(deviceToken.toLowerCase());
    if (!this.#parse(deviceToken)) return undefined;
    const index = this.#slots[this.#probe(this.#asked, 0)]! - 1;
    if (index < 0 || (this.#flags[index]! & forgotten) !== 0) return undefined;
    const unregisteredAt = this.#unregisteredAt[index]!;
    return {
      topic: this.#topics[this.#topicOf[index]!]!,
      environment: (this.#flags[index]! & development) === 0 ? "production" : "development",
      unregisteredAt: Number.isNaN(unregisteredAt) ? undefined : unregisteredAt,
    };
  }

  /** `deviceToken` must be well-formed. */
  set(deviceToken: string, device: Device): void {
    if (deviceToken.length !== tokenDigits) {
      this.#others.set(deviceToken.toLowerCase(), device);
      return;
    }
    if (this.#used * 2 >= this.#slots.length) this.#makeRoom();
    this.#parse(deviceToken);
    const slot = this.#probe(this.#asked, 0);
    let index = this.#slots[slot]! - 1;
    if (index < 0) {
      index = this.#used++;
      this.#slots[slot] = index + 1;
      this.#words.set(this.#asked, index * tokenWords);
      this.#known++;
    } else if ((this.#flags[index]! & forgotten) !== 0) {
      this.#known++;
    }
    this.#topicOf[index] = this.#internTopic(device.topic);
    this.#flags[index] = device.environment === "development" ? development : 0;
    this.#unregisteredAt[index] = device.unregisteredAt ?? Number.NaN;
  }

  /** Returns whether the device token was known. Its room is kept until there is need of it. */
  delete(deviceToken: string): boolean {
    if (deviceToken.length !== tokenDigits) return this.#others.delete(deviceToken.toLowerCase());
    if (!this.#parse(deviceToken)) return false;
    const index = this.#slots[this.#probe(this.#asked, 0)]! - 1;
    if (index < 0 || (this.#flags[index]! & forgotten) !== 0) return false;
    this.#flags[index] = forgotten;
    this.#known--;
    return true;
  }

  /** Parses the token into `#asked`; returns whether it was all hexadecimal digits. */
  #parse(deviceToken: string): boolean {
    const asked = this.#asked;
    let seen = 0;
    for (let word = 0, at = 0; word < tokenWords; word++) {
      let value = 0;
      for (const end = at + wordDigits; at < end; at++) {
        const digit = digitOf[deviceToken.charCodeAt(at)]!;
        seen |= digit;
        value = (value << 4) | digit;
      }
      asked[word] = value;
    }
    return seen < 16;
  }

  /** The slot of a token given as words, or the empty one where it belongs. */
  #probe(words: Uint32Array, at: number): number {
    const slots = this.#slots;
    const table = this.#words;
    const mask = slots.length - 1;
    // Tests number their tokens: every word has to stir the whole hash.
    let hash = 0;
    for (let word = 0; word < tokenWords; word++) {
      hash = Math.imul(hash ^ words[at + word]!, 0x9e3779b1);
      hash ^= hash >>> 15;
    }
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const entry = slots[slot]!;
      if (entry === 0) return slot;
      const start = (entry - 1) * tokenWords;
      let word = 0;
      while (word < tokenWords && table[start + word] === words[at + word]) word++;
      if (word === tokenWords) return slot;
    }
  }

  /** Where half of the entries are forgotten, theirs; else twice as much. */
  #makeRoom(): void {
    if (this.#known * 2 > this.#used) this.#grow();
    else this.#compact();
  }

  #compact(): void {
    const words = this.#words;
    let kept = 0;
    for (let index = 0; index < this.#used; index++) {
      if ((this.#flags[index]! & forgotten) !== 0) continue;
      words.copyWithin(kept * tokenWords, index * tokenWords, (index + 1) * tokenWords);
      this.#topicOf[kept] = this.#topicOf[index]!;
      this.#flags[kept] = this.#flags[index]!;
      this.#unregisteredAt[kept] = this.#unregisteredAt[index]!;
      kept++;
    }
    this.#used = kept;
    this.#slots.fill(0);
    this.#fillSlots();
  }

  #grow(): void {
    const capacity = this.#slots.length; // Twice as many slots as entries.
    const copy = <T extends { set(from: T): void }>(larger: T, old: T): T => {
      larger.set(old);
      return larger;
    };
    this.#words = copy(new Uint32Array(capacity * tokenWords), this.#words);
    this.#topicOf = copy(new Uint16Array(capacity), this.#topicOf);
    this.#flags = copy(new Uint8Array(capacity), this.#flags);
    this.#unregisteredAt = copy(new Float64Array(capacity), this.#unregisteredAt);
    this.#slots = new Int32Array(capacity * 2);
    this.#fillSlots();
  }

  #fillSlots(): void {
    for (let index = 0; index < this.#used; index++) {
      this.#slots[this.#probe(this.#words, index * tokenWords)] = index + 1;
    }
  }

  #internTopic(topic: string): number {
    let index = this.#topicIndex.get(topic);
    if (index === undefined) {
      index = this.#topics.push(topic) - 1;
      this.#topicIndex.set(topic, index);
    }
    return index;
  }
}

import { alert, type Notification } from "@apns/core";
import type { DemoOptions } from "./options.js";

/** Whether the simulator knows a device token. */
export type DeviceKind = "good" | "bad" | "unregistered";

export type WorkloadOptions = Pick<DemoOptions, "count" | "badPercent" | "unregisteredPercent" | "seed">;

/** The demo's notification, with so many characters more. */
function demoNotification(padding: number): Notification {
  return alert({
    aps: { alert: { title: "Hello", body: "The same notification, over both wires." }, sound: "default" },
    custom: { campaign: `demo${" ".repeat(padding)}` },
  });
}

/** Both wires send this, to the same device tokens in the same order. */
export class Workload {
  readonly notification: Notification = demoNotification(0);
  readonly count: number;
  readonly #badBelow: number;
  readonly #unregisteredBelow: number;
  readonly #seed: number;

  constructor({ count, badPercent, unregisteredPercent, seed }: WorkloadOptions) {
    this.count = count;
    this.#badBelow = badPercent / 100;
    this.#unregisteredBelow = (badPercent + unregisteredPercent) / 100;
    this.#seed = seed;
  }

  /** The notification, made as long as asked for; at least as long as it is anyway. */
  notificationOf(payloadBytes: number): Notification {
    return demoNotification(Math.max(0, payloadBytes - this.notification.encodedPayload.length));
  }

  kind(index: number): DeviceKind {
    const dice = hash(this.#seed, index) / 2 ** 32;
    if (dice < this.#badBelow) return "bad";
    return dice < this.#unregisteredBelow ? "unregistered" : "good";
  }

  /** 32 bytes, each device its own: first the index, so that what arrived can be told apart, then noise. */
  deviceToken(index: number): string {
    let token = hex(index);
    for (let word = 1; word < 8; word++) token += hex(hash(this.#seed + word, index));
    return token;
  }

  *deviceTokens(): Generator<string> {
    for (let index = 0; index < this.count; index++) yield this.deviceToken(index);
  }
}

/** The index in the workload that a device token was made for. */
export function indexOf(deviceToken: string): number {
  return Number.parseInt(deviceToken.slice(0, 8), 16);
}

function hex(word: number): string {
  return word.toString(16).padStart(8, "0");
}

/** 32 well-mixed bits of a seed and an index (the finalizer of MurmurHash3), so that any run can be repeated. */
function hash(seed: number, index: number): number {
  let bits = (Math.imul(seed + 1, 0x9e37_79b1) ^ Math.imul(index + 1, 0x85eb_ca77)) >>> 0;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85eb_ca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2_ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}

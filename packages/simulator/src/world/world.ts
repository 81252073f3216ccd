import { type AppleEnvironment, assertDeviceToken, type Clock, InvalidArgumentError } from "@apns/core";
import { checkOneOf, checkText } from "@apns/core/internal";
import { CredentialsError, readVerificationKey } from "@apns/credentials";
import type { ConnectedDevice } from "../devices/connected-device.js";
import { type ConnectDeviceOptions, DeviceDirectory } from "../devices/device-directory.js";
import type { Timers } from "../io/timers.js";
import type { Quirks } from "../quirks.js";
import type { ReceivedNotification } from "../received.js";
import { type App, isTopicOf, type SigningKey } from "./app.js";
import { ChannelTable } from "./channel-table.js";
import { type Device, DeviceTable, type RegisterOptions } from "./device-table.js";
import { faithfulVerdict } from "./faithful-verdict.js";
import { FeedbackList } from "./feedback-list.js";
import { accepted, type Push, type Verdict, type VerdictFunction } from "./verdict.js";

/** One device token, or several. */
export type DeviceTokens = string | Iterable<string>;

export interface WorldOptions {
  readonly environment: AppleEnvironment;
  readonly clock: Clock;
  readonly unknownDeviceTokens: "reject" | "accept";
  readonly quirks: Quirks;
  readonly verdict: VerdictFunction | undefined;
  /** Draws ids and device tokens that are made up. */
  readonly random: () => number;
  readonly timers: Timers;
}

/** The table of device tokens numbers their topics by 16 bits, and an app has a dozen. */
const maxApps = 5000;
const maxKeys = 10_000;

/** A gigabyte. */
const maxDeviceTokens = 16_000_000;

/** Apple's knowledge, apart from any protocol: apps, keys, device tokens, and which app was removed from which device when. */
export class World {
  readonly environment: AppleEnvironment;
  /** For the faithful verdict. */
  readonly quirks: Quirks;
  /** The verdict about device tokens that were never registered. */
  unknownDeviceTokens: "reject" | "accept";
  /** Decides instead of the faithful verdict; may be exchanged at any time. */
  verdict: VerdictFunction | undefined;
  /** The tuples that wait at the feedback service. */
  readonly feedback: FeedbackList = new FeedbackList();
  /** The channels of broadcasts. */
  readonly channels: ChannelTable;
  readonly #clock: Clock;
  readonly #apps = new Map<string, App>();
  readonly #keys = new Map<string, SigningKey>();
  #devices = new DeviceTable();
  readonly #connected: DeviceDirectory;

  constructor(options: WorldOptions) {
    this.environment = options.environment;
    this.quirks = options.quirks;
    this.unknownDeviceTokens = options.unknownDeviceTokens;
    this.verdict = options.verdict;
    this.channels = new ChannelTable(options.random);
    this.#connected = new DeviceDirectory(this, options.clock, options.timers, options.random);
    this.#clock = options.clock;
  }

  /** The apps, in the order in which they were added. */
  get apps(): readonly App[] {
    return [...this.#apps.values()];
  }

  /** Adds an app, or replaces what is known of it. */
  addApp(app: App): void {
    checkRoom("bundleId", this.#apps, app.bundleId, maxApps);
    this.#apps.set(checkText("bundleId", app.bundleId), { ...app, teamId: checkText("teamId", app.teamId) });
    if (app.broadcast === false) this.channels.deleteAll(app.bundleId);
  }

  /** The app of this bundle ID. */
  app(bundleId: string): App | undefined {
    return this.#apps.get(bundleId);
  }

  /** The app a topic belongs to. */
  appOf(topic: string): App | undefined {
    const exact = this.#apps.get(topic);
    if (exact !== undefined) return exact;
    for (const app of this.#apps.values()) if (isTopicOf(app.bundleId, topic)) return app;
    return undefined;
  }

  /**
   * Registers a key for signing provider tokens, or replaces the one of this id.
   * @throws {InvalidArgumentError} naming `keyId`, or `key` if it is no EC key on P-256 as PEM
   */
  addSigningKey(key: SigningKey): void {
    checkRoom("keyId", this.#keys, checkText("keyId", key.keyId), maxKeys);
    checkSigningKey(key.key);
    this.#keys.set(key.keyId, key);
  }

  /** As a revocation in the portal does: provider tokens of this key are refused from now on. */
  removeSigningKey(keyId: string): boolean {
    return this.#keys.delete(keyId);
  }

  signingKey(keyId: string): SigningKey | undefined {
    return this.#keys.get(keyId);
  }

  /** The app is installed on these devices; also, again after it was removed. */
  register(deviceTokens: DeviceTokens, options: RegisterOptions = {}): void {
    const topic = options.topic ?? this.apps[0]?.bundleId;
    if (topic === undefined || this.appOf(topic) === undefined) {
      throw new InvalidArgumentError("topic", `no app has the topic ${JSON.stringify(topic)}; call addApp first.`);
    }
    const environment = checkOneOf("environment", options.environment ?? this.environment, [
      "production",
      "development",
    ] as const);
    const device: Device = { topic, environment, unregisteredAt: undefined };
    for (const deviceToken of each(deviceTokens)) {
      if (this.#devices.size >= maxDeviceTokens && this.#devices.get(deviceToken) === undefined) {
        throw new InvalidArgumentError("deviceToken", `there are ${maxDeviceTokens} already; forget some.`);
      }
      this.#devices.set(deviceToken, device);
      this.feedback.forget(this.appOf(topic)!.bundleId, deviceToken.toLowerCase());
    }
  }

  /**
   * The app was removed from these devices: HTTP/2 answers 410 from now on, the legacy gateway accepts and tells it
   * through the feedback service.
   * @param at when APNs found out, a Date or milliseconds. @default now
   */
  unregister(deviceTokens: DeviceTokens, at: Date | number = this.#clock.now()): void {
    const unregisteredAt = Number(at);
    if (!Number.isFinite(unregisteredAt)) {
      throw new InvalidArgumentError("at", `${String(at)} is neither a valid Date nor milliseconds.`);
    }
    for (const deviceToken of each(deviceTokens)) {
      const device = this.#devices.get(deviceToken);
      if (device === undefined) {
        throw new InvalidArgumentError(
          "deviceToken",
          `${deviceToken} was never registered, so it cannot be unregistered; call register first.`,
        );
      }
      this.#devices.set(deviceToken, { ...device, unregisteredAt });
    }
  }

  /** These device tokens never existed. */
  forget(deviceTokens: DeviceTokens): void {
    for (const deviceToken of each(deviceTokens)) this.#devices.delete(deviceToken);
  }

  /** The entry of a device token, upper or lower case. */
  device(deviceToken: string): Device | undefined {
    return this.#devices.get(deviceToken);
  }

  /** How many device tokens are known, unregistered ones included. */
  get deviceCount(): number {
    return this.#devices.size;
  }

  /**
   * Has a device register for an app and listen: what is accepted for it from now on arrives there, whichever wire it came
   * by.
   * @throws {InvalidArgumentError} naming the option that is wrong
   */
  connectDevice(options: ConnectDeviceOptions = {}): ConnectedDevice {
    return this.#connected.connect(options);
  }

  /** The devices that are connected. */
  get connectedDevices(): readonly ConnectedDevice[] {
    return this.#connected.devices;
  }

  /** For the log: a notification was decided. */
  deliver(notification: ReceivedNotification): void {
    this.#connected.deliver(notification);
  }

  /** Forgets everything, and disconnects every device. */
  clear(): void {
    this.#connected.close();
    this.#devices = new DeviceTable();
    this.#apps.clear();
    this.#keys.clear();
    this.channels.clear();
    this.feedback.clear();
  }

  /** For the simulator's end: every device is disconnected. */
  close(): void {
    this.#connected.close();
  }

  /** The verdict about a notification. */
  judge(push: Push): Verdict {
    if (this.verdict === undefined) return this.#settle(push, faithfulVerdict(this, push));
    return this.#settle(
      push,
      this.verdict(push, () => faithfulVerdict(this, push)),
    );
  }

  /** Over the legacy wire an unregistered device is not an error, whoever decided it. */
  #settle(push: Push, verdict: Verdict): Verdict {
    if (push.wire === "http2") return verdict;
    const { unregisteredAt } = verdict;
    if (unregisteredAt === undefined) return verdict;
    this.feedback.add(push.topic, push.deviceToken, unregisteredAt);
    return verdict.kind === "accepted" ? verdict : { ...accepted, unregisteredAt };
  }
}

/** Provider tokens are signed with ES256, so on P-256. A private key will do: it includes its public half. */
function checkSigningKey(pem: string): void {
  checkText("key", pem);
  try {
    readVerificationKey(pem);
  } catch (cause) {
    if (!(cause instanceof CredentialsError)) throw cause;
    throw new InvalidArgumentError("key", cause.message.replace(/^key /, ""), { cause });
  }
}

/** @throws {InvalidArgumentError} if there are as many as there may be */
function checkRoom(field: string, table: ReadonlyMap<string, unknown>, name: string, most: number): void {
  if (table.size < most || table.has(name)) return;
  throw new InvalidArgumentError(field, `there are ${most} already.`);
}

function* each(deviceTokens: DeviceTokens): Iterable<string> {
  for (const deviceToken of typeof deviceTokens === "string" ? [deviceTokens] : deviceTokens) {
    assertDeviceToken(deviceToken);
    yield deviceToken;
  }
}

import { assertDeviceToken, type Clock, InvalidArgumentError } from "@apns/core";
import { checkInteger } from "@apns/core/internal";
import type { Timers } from "../io/timers.js";
import type { ReceivedNotification } from "../received.js";
import type { App } from "../world/app.js";
import type { ChannelTable } from "../world/channel-table.js";
import type { Device, RegisterOptions } from "../world/device-table.js";
import type { FeedbackList } from "../world/feedback-list.js";
import { ConnectedDevice, type DeviceHost, type InstalledApp, type UninstallNoticed } from "./connected-device.js";
import type { DeliveredNotification } from "./delivered.js";

export interface ConnectDeviceOptions extends RegisterOptions {
  /** Hexadecimal text, of either case. @default made up, 32 bytes, from the simulator's seed */
  readonly deviceToken?: string;
  /** Whether the device is reachable at once. @default true */
  readonly online?: boolean;
  /**
   * For how long notifications of priority 5 and 1 are held back, to arrive together: in milliseconds. One of priority 10
   * brings them along. @default 0: they arrive at once
   */
  readonly batchMs?: number;
  /** Called for every notification that arrives, at once. */
  readonly onNotification?: (notification: DeliveredNotification) => void;
  /** How many of the newest notifications the device keeps. @default 1000 */
  readonly maxDelivered?: number;
}

/** The world, as far as the directory needs it. */
export interface DeviceRegistry {
  readonly channels: ChannelTable;
  readonly feedback: FeedbackList;
  appOf(topic: string): App | undefined;
  device(deviceToken: string): Device | undefined;
  register(deviceToken: string, options: RegisterOptions): void;
  unregister(deviceToken: string, at: number): void;
}

const tokenBytes = 32;

interface Destination {
  readonly device: ConnectedDevice;
  readonly app: InstalledApp;
  /** The app is gone, and APNs does not know yet. */
  gone: boolean;
}

/** The devices that are connected, by device token and by channel. */
export class DeviceDirectory {
  readonly #world: DeviceRegistry;
  readonly #clock: Clock;
  readonly #timers: Timers;
  readonly #random: () => number;
  readonly #devices = new Set<ConnectedDevice>();
  readonly #byToken = new Map<string, Destination>();
  readonly #byChannel = new Map<string, Set<ConnectedDevice>>();

  constructor(world: DeviceRegistry, clock: Clock, timers: Timers, random: () => number) {
    this.#world = world;
    this.#clock = clock;
    this.#timers = timers;
    this.#random = random;
  }

  /** The devices, in the order in which they were connected. */
  get devices(): readonly ConnectedDevice[] {
    return [...this.#devices];
  }

  connect(options: ConnectDeviceOptions = {}): ConnectedDevice {
    const { online = true, onNotification, topic, environment, deviceToken } = options;
    const device = new ConnectedDevice(this.#host, {
      online,
      batchMs: checkInteger("batchMs", options.batchMs ?? 0, 0, 3_600_000),
      capacity: checkInteger("maxDelivered", options.maxDelivered ?? 1000, 1, 1_000_000),
      onNotification,
    });
    this.#devices.add(device);
    try {
      device.register({
        ...(topic === undefined ? {} : { topic }),
        ...(environment === undefined ? {} : { environment }),
        ...(deviceToken === undefined ? {} : { deviceToken }),
      });
    } catch (error) {
      this.#devices.delete(device);
      throw error;
    }
    return device;
  }

  /** Delivers an accepted notification to its device. */
  deliver(notification: ReceivedNotification): void {
    if (this.#byToken.size === 0) return;
    const { verdict, channelId, deviceToken, lost } = notification;
    if (verdict.kind !== "accepted" || verdict.unregisteredAt !== undefined) return;
    if (lost) {
      const meant = channelId === undefined ? [this.#byToken.get(deviceToken)?.device] : this.#byChannel.get(channelId);
      for (const device of meant ?? []) device?.lose();
      return;
    }
    if (channelId !== undefined) {
      this.#broadcast(notification, channelId);
      return;
    }
    const destination = this.#byToken.get(deviceToken);
    if (destination === undefined) return;
    if (!destination.gone) {
      destination.device.deliver(notification);
      return;
    }
    destination.device.undeliverable();
    this.#noticed(destination.app);
    this.#world.feedback.add(destination.app.bundleId, deviceToken, this.#clock.now());
  }

  /** Disconnects all, and forgets what was removed. */
  close(): void {
    for (const device of this.#devices) device.disconnect();
    this.#byToken.clear();
  }

  #broadcast(notification: ReceivedNotification, channelId: string): void {
    const listening = this.#byChannel.get(channelId);
    if (listening === undefined) return;
    const stored = this.#world.channels.get(notification.topic, channelId)?.messageStorage === "mostRecent";
    const sent = stored ? notification : { ...notification, expiration: 0 };
    for (const device of listening) device.deliver(sent);
  }

  #noticed(app: InstalledApp): void {
    this.#byToken.delete(app.deviceToken);
    // A test may have had the world forget it.
    if (this.#world.device(app.deviceToken) !== undefined) this.#world.unregister(app.deviceToken, this.#clock.now());
  }

  #makeToken(): string {
    const octets = Uint8Array.from({ length: tokenBytes }, () => Math.floor(this.#random() * 256));
    return Buffer.from(octets).toString("hex");
  }

  readonly #host: DeviceHost = {
    now: () => this.#clock.now(),
    after: (ms, callback) => this.#timers.after(ms, callback),
    install: (device, { deviceToken: given, ...options }) => {
      if (!this.#devices.has(device)) throw new InvalidArgumentError("device", "is disconnected.");
      if (given !== undefined) assertDeviceToken(given);
      const deviceToken = given?.toLowerCase() ?? this.#makeToken();
      if (this.#byToken.has(deviceToken)) {
        throw new InvalidArgumentError("deviceToken", `${deviceToken} is that of a device that is connected already.`);
      }
      this.#world.register(deviceToken, options);
      const app = { deviceToken, bundleId: this.#world.appOf(this.#world.device(deviceToken)!.topic)!.bundleId };
      this.#byToken.set(deviceToken, { device, app, gone: false });
      return app;
    },
    uninstall: (device, app, noticed: UninstallNoticed) => {
      for (const channelId of this.#byChannel.keys()) {
        if (this.#world.channels.get(app.bundleId, channelId) !== undefined) this.#host.unsubscribe(device, channelId);
      }
      if (noticed === "nextPush") this.#byToken.get(app.deviceToken)!.gone = true;
      else this.#noticed(app);
    },
    subscribe: (device, bundleId, channelId) => {
      if (!device.apps.some((app) => app.bundleId === bundleId)) {
        throw new InvalidArgumentError("bundleId", `${JSON.stringify(bundleId)} is not an app on this device.`);
      }
      if (this.#world.channels.get(bundleId, channelId) === undefined) {
        throw new InvalidArgumentError("channelId", `${bundleId} has no channel ${JSON.stringify(channelId)}.`);
      }
      const listening = this.#byChannel.get(channelId) ?? new Set();
      this.#byChannel.set(channelId, listening.add(device));
    },
    unsubscribe: (device, channelId) => {
      const listening = this.#byChannel.get(channelId);
      listening?.delete(device);
      if (listening?.size === 0) this.#byChannel.delete(channelId);
    },
    disconnect: (device) => {
      this.#devices.delete(device);
      for (const { deviceToken } of device.apps) this.#byToken.delete(deviceToken);
      for (const channelId of this.#byChannel.keys()) this.#host.unsubscribe(device, channelId);
    },
  };
}

import { InvalidArgumentError } from "@apns/core";
import { BoundedLog } from "../bounded-log.js";
import type { ReceivedNotification } from "../received.js";
import type { RegisterOptions } from "../world/device-table.js";
import type { DeliveredNotification, DroppedCounts } from "./delivered.js";
import { NotificationBatcher } from "./notification-batcher.js";
import { StoredNotifications } from "./stored-notifications.js";

/** An app on a device. */
export interface InstalledApp {
  readonly deviceToken: string;
  readonly bundleId: string;
}

/** When APNs finds out that an app was removed: at once, or by the next notification, which it still accepts. */
export type UninstallNoticed = "atOnce" | "nextPush";

/** The world, as far as a device needs it. `DeviceDirectory` implements it. */
export interface DeviceHost {
  now(): number;
  after(ms: number, callback: () => void): () => void;
  install(device: ConnectedDevice, options: RegisterOptions & { readonly deviceToken?: string }): InstalledApp;
  uninstall(device: ConnectedDevice, app: InstalledApp, noticed: UninstallNoticed): void;
  subscribe(device: ConnectedDevice, bundleId: string, channelId: string): void;
  unsubscribe(device: ConnectedDevice, channelId: string): void;
  disconnect(device: ConnectedDevice): void;
}

export interface DeviceSettings {
  readonly online: boolean;
  readonly batchMs: number;
  readonly capacity: number;
  readonly onNotification: ((notification: DeliveredNotification) => void) | undefined;
}

/** How many apps and further topics of theirs a device may have. */
const maxApps = 1000;

/** How many alerts a device shows. */
const maxShown = 1000;

/**
 * A device with apps on it: what APNs accepts for them arrives here, whichever wire it came by. `for await` reads what has
 * arrived and what is yet to come, until the device is disconnected.
 */
export class ConnectedDevice implements AsyncIterable<DeliveredNotification> {
  /** The newest notifications that arrived, oldest first. */
  readonly delivered: BoundedLog<DeliveredNotification>;
  readonly #host: DeviceHost;
  readonly #onNotification: DeviceSettings["onNotification"];
  readonly #apps = new Map<string, InstalledApp>();
  readonly #waiting = new StoredNotifications();
  readonly #batcher: NotificationBatcher | undefined;
  readonly #shown = new Map<string, DeliveredNotification>();
  readonly #reader: AsyncIterableIterator<DeliveredNotification>;
  readonly #dropped = { notStored: 0, replaced: 0, expired: 0, uninstalled: 0, lost: 0 };
  #count = 0;
  #online: boolean;
  #deviceToken = "";

  /** Devices are made by `world.connectDevice`. */
  constructor(home: DeviceHost, settings: DeviceSettings) {
    this.#host = home;
    this.#online = settings.online;
    this.#onNotification = settings.onNotification;
    this.delivered = new BoundedLog(settings.capacity);
    this.#reader = this.delivered[Symbol.asyncIterator]();
    if (settings.batchMs > 0) {
      this.#batcher = new NotificationBatcher(settings.batchMs, home, (due) => this.#arriveAll(due, false));
    }
  }

  /** The token of the app installed first, in lower case; it stays after that app is removed, until another is installed. */
  get deviceToken(): string {
    return this.#deviceToken;
  }

  /** The apps on it. */
  get apps(): readonly InstalledApp[] {
    return [...this.#apps.values()];
  }

  get online(): boolean {
    return this.#online;
  }

  /** How many notifications wait at APNs for it to come back. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** How many notifications were accepted for the device and will never arrive. */
  get dropped(): DroppedCounts {
    return { ...this.#dropped };
  }

  /**
   * The alerts it shows, oldest first, 1000 at most: one with the collapse id of another takes that one's place (Apple:
   * "multiple notifications with the same collapse identifier are displayed to the user as a single notification").
   */
  get shown(): readonly DeliveredNotification[] {
    return [...this.#shown.values()];
  }

  /**
   * Installs an app, or registers one for another topic (`com.example.App.voip`), and gets it a device token. After
   * `uninstall` that is another one, as on a real device.
   * @returns the device token
   */
  register(options: RegisterOptions & { readonly deviceToken?: string } = {}): string {
    if (this.#apps.size >= maxApps) {
      throw new InvalidArgumentError("topic", `there are ${maxApps} apps and topics on the device already.`);
    }
    const app = this.#host.install(this, options);
    if (!this.#apps.has(this.#deviceToken)) this.#deviceToken = app.deviceToken;
    this.#apps.set(app.deviceToken, app);
    return app.deviceToken;
  }

  /**
   * Removes an app: HTTP/2 answers 410 for its device tokens, the legacy gateway accepts and the feedback service tells.
   * @param options.bundleId which one. @default all
   * @param options.noticed "nextPush": the next notification for it is accepted still. @default "atOnce"
   */
  uninstall(options: { readonly bundleId?: string; readonly noticed?: UninstallNoticed } = {}): void {
    const { bundleId, noticed = "atOnce" } = options;
    for (const app of this.apps) {
      if (bundleId !== undefined && app.bundleId !== bundleId) continue;
      this.#apps.delete(app.deviceToken);
      this.#waiting.forgetApp(app.bundleId);
      this.#host.uninstall(this, app, noticed);
    }
  }

  /** Listens to a channel of an app that is installed: its broadcasts arrive. @default the app installed first */
  subscribe(channelId: string, bundleId: string = this.apps[0]?.bundleId ?? ""): void {
    this.#host.subscribe(this, bundleId, channelId);
  }

  unsubscribe(channelId: string): void {
    this.#waiting.forgetChannel(channelId);
    this.#host.unsubscribe(this, channelId);
  }

  /** Nothing reaches it: APNs keeps the newest notification of each app, if its expiration allows it. */
  goOffline(): void {
    if (!this.#online) return;
    this.#online = false;
    for (const notification of this.#batcher?.take() ?? []) this.#store(notification);
  }

  /** The device is reachable again: stored notifications arrive, unless they have expired. */
  comeOnline(): void {
    if (this.#online) return;
    this.#online = true;
    const { due, expired } = this.#waiting.take(this.#host.now());
    this.#dropped.expired += expired;
    this.#arriveAll(due, true);
  }

  /** The next notification that was not read yet; `undefined` once it is disconnected and all are read. */
  async next(): Promise<DeliveredNotification | undefined> {
    const { done, value } = await this.#reader.next();
    return done === true ? undefined : value;
  }

  /** Reads on where `next` left off: all of them share one place. */
  [Symbol.asyncIterator](): AsyncIterator<DeliveredNotification> {
    return { next: () => this.#reader.next(), return: () => Promise.resolve({ done: true, value: undefined }) };
  }

  /** Takes it out of the simulator. Its device tokens stay registered, and nothing arrives any more. */
  disconnect(): void {
    this.#batcher?.take();
    this.#host.disconnect(this);
    this.delivered.close();
  }

  /** For the directory: APNs has accepted this for it. */
  deliver(notification: ReceivedNotification): void {
    if (!this.#online) {
      this.#store(notification);
    } else if (this.#batcher !== undefined && (notification.priority ?? 10) < 10) {
      this.#dropped.replaced += this.#batcher.hold(notification);
    } else {
      // A notification that wakes the device is delivered together with those that were held back.
      this.#arriveAll(this.#batcher?.take() ?? [], false);
      this.#arrive(notification, false);
    }
  }

  /** For the directory: a notification came for an app that was removed. */
  undeliverable(): void {
    this.#dropped.uninstalled++;
  }

  /** For the directory: a fault lost a notification for the device. */
  lose(): void {
    this.#dropped.lost++;
  }

  #store(notification: ReceivedNotification): void {
    const app = this.#appOf(notification);
    if (app === undefined) return;
    const became = this.#waiting.put(app.bundleId, notification);
    if (became !== "stored") this.#dropped[became]++;
  }

  #arriveAll(notifications: readonly ReceivedNotification[], stored: boolean): void {
    for (const notification of notifications) this.#arrive(notification, stored);
  }

  #arrive(notification: ReceivedNotification, stored: boolean): void {
    const { verdict: _, connection: __, ...rest } = notification;
    const deviceToken = this.#appOf(notification)?.deviceToken ?? notification.deviceToken;
    const delivered: DeliveredNotification = { ...rest, deviceToken, deliveredAt: this.#host.now(), stored };
    this.#show(delivered);
    this.delivered.append(delivered);
    this.#onNotification?.(delivered);
  }

  #show(delivered: DeliveredNotification): void {
    const { pushType, collapseId, topic } = delivered;
    if (pushType !== undefined && pushType !== "alert") return;
    const key = collapseId === undefined ? String(this.#count++) : `${topic} ${collapseId}`;
    if (this.#shown.delete(key)) this.#dropped.replaced++;
    this.#shown.set(key, delivered);
    if (this.#shown.size > maxShown) this.#shown.delete(this.#shown.keys().next().value!);
  }

  /** The app a notification is for; broadcasts name it by its bundle ID. */
  #appOf({ deviceToken, topic }: ReceivedNotification): InstalledApp | undefined {
    return this.#apps.get(deviceToken) ?? this.apps.find(({ bundleId }) => bundleId === topic);
  }
}

import type { ConnectedDevice, DeliveredNotification, World } from "@apns/simulator";
import type { LiveActivityView, PhoneView, ShownNotification } from "../../page/protocol.js";
import type { PhoneAction, PhoneAddress } from "./calls.js";
import { activityAfter, badgeAfter, shownFrom } from "./lock-screen.js";

/** How many notifications a lock screen keeps. */
const maxShown = 30;

/** A phone of the page: a device of the simulator, and what its screen shows. */
export class Phone {
  readonly name: string;
  readonly #world: World;
  readonly #activityTopic: string;
  readonly #device: ConnectedDevice;
  readonly #onChange: () => void;
  #shown: ShownNotification[] = [];
  #badge = 0;
  #activity: LiveActivityView | null = null;
  #deviceToken: string;
  #activityToken: string;
  #count = 0;

  /** @param onChange told, at once, that the screen looks otherwise now */
  constructor(name: string, world: World, bundleId: string, onChange: () => void) {
    this.name = name;
    this.#world = world;
    this.#activityTopic = `${bundleId}.push-type.liveactivity`;
    this.#onChange = onChange;
    this.#device = world.connectDevice({ onNotification: (notification) => this.#arrived(notification) });
    this.#deviceToken = this.#device.deviceToken;
    this.#activityToken = this.#device.register({ topic: this.#activityTopic });
  }

  get address(): PhoneAddress {
    return { deviceToken: this.#deviceToken, activityToken: this.#activityToken };
  }

  get view(): PhoneView {
    const { online, waiting, dropped, apps } = this.#device;
    const installed = apps.length > 0;
    return {
      name: this.name,
      deviceToken: this.#deviceToken,
      online,
      installed,
      badge: this.#badge,
      waiting,
      dropped: dropped.notStored + dropped.expired + dropped.replaced,
      shown: [...this.#shown].reverse(),
      activity: this.#activity,
    };
  }

  act(action: PhoneAction): void {
    if (action === "offline") this.#device.goOffline();
    else if (action === "online") this.#device.comeOnline();
    else if (action === "uninstall") {
      this.#device.uninstall();
      this.#clear();
    } else if (action === "install" && this.#device.apps.length === 0) {
      this.#deviceToken = this.#device.register({ topic: this.#world.apps[0]!.bundleId });
      this.#activityToken = this.#device.register({ topic: this.#activityTopic });
    } else if (action === "clear") this.#clear();
    this.#onChange();
  }

  #clear(): void {
    this.#shown = [];
    this.#badge = 0;
    this.#activity = null;
  }

  #arrived(notification: DeliveredNotification): void {
    const aps = apsOf(notification.payload);
    if (notification.pushType === "liveactivity") this.#activity = activityAfter(this.#activity, aps);
    else this.#show(notification, aps);
    this.#onChange();
  }

  #show(notification: DeliveredNotification, aps: Readonly<Record<string, unknown>>): void {
    this.#badge = badgeAfter(this.#badge, aps);
    const shown = shownFrom(notification, aps, String(this.#count++));
    if (shown === undefined) return;
    // A notification replaces the one with the same collapse id.
    if (shown.collapseId !== "") this.#shown = this.#shown.filter(({ collapseId }) => collapseId !== shown.collapseId);
    this.#shown = [...this.#shown, shown].slice(-maxShown);
  }
}

/** The `aps` dictionary of a payload; empty if it has none. */
function apsOf(payload: string): Readonly<Record<string, unknown>> {
  try {
    const { aps } = JSON.parse(payload) as { aps?: unknown };
    return typeof aps === "object" && aps !== null ? (aps as Record<string, unknown>) : {};
  } catch {
    // The legacy gateway takes any bytes; a phone shows nothing then.
    return {};
  }
}

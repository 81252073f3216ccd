// The settings of the next run; kept in this browser.
import { effect, type Signal, signal } from "@preact/signals";
import type { RunSettings } from "../../../src/page/protocol.js";

const key = "settings";

export const defaultSettings: RunSettings = {
  kind: "race",
  inTurn: false,
  count: 50_000,
  badPercent: 0.1,
  unregisteredPercent: 0.5,
  payloadBytes: 200,
  delayMs: 20,
  reconnectEvery: 10_000,
  format: 1,
  window: 20_000,
  streams: 4000,
  connections: 4,
  perSecond: 0,
  sharePercent: 10,
  seed: 1,
};

export const settings: Signal<RunSettings> = signal({ ...defaultSettings, ...load() });

export function change(part: Partial<RunSettings>): void {
  settings.value = { ...settings.value, ...part };
}

function load(): Partial<RunSettings> {
  try {
    return JSON.parse(localStorage.getItem(key) ?? "{}") as Partial<RunSettings>;
  } catch {
    return {};
  }
}

effect(() => {
  try {
    localStorage.setItem(key, JSON.stringify(settings.value));
  } catch {
    // Not allowed: the next visit begins with the defaults.
  }
});

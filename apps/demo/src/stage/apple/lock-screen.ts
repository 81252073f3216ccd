// The effect of an `aps` dictionary on a lock screen.
import type { DeliveredNotification } from "@apns/simulator";
import type { LiveActivityView, ShownNotification, WireName } from "../../page/protocol.js";

type Aps = Readonly<Record<string, unknown>>;

/** `undefined` if there is nothing to be seen. */
export function shownFrom(
  { wire, deliveredAt, stored, collapseId }: DeliveredNotification,
  aps: Aps,
  id: string,
): ShownNotification | undefined {
  const alert = aps["alert"];
  const { title, subtitle, body } = typeof alert === "string" ? { body: alert } : objectOf(alert);
  if (alert === undefined) return undefined;
  return {
    id,
    title: textOf(title),
    subtitle: textOf(subtitle),
    body: textOf(body),
    threadId: textOf(aps["thread-id"]),
    collapseId: collapseId ?? "",
    sound: aps["sound"] !== undefined,
    wire: wire as WireName,
    deliveredAt,
    stored,
  };
}

/** The badge stays until a notification brings another number; 0 takes it off. */
export function badgeAfter(badge: number, aps: Aps): number {
  const next = aps["badge"];
  return typeof next === "number" && next >= 0 ? next : badge;
}

/** Started, moved on or ended, by `event` and the content state of the page's own app: `percent` and `message`. */
export function activityAfter(activity: LiveActivityView | null, aps: Aps): LiveActivityView | null {
  const event = aps["event"];
  const state = objectOf(aps["content-state"]);
  if (event !== "start" && activity === null) return null;
  const percent = state["percent"];
  return {
    title: event === "start" ? textOf(objectOf(aps["attributes"])["name"]) : activity!.title,
    message: state["message"] === undefined ? (activity?.message ?? "") : textOf(state["message"]),
    percent: typeof percent === "number" ? Math.min(100, Math.max(0, percent)) : (activity?.percent ?? 0),
    ended: event === "end",
  };
}

function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

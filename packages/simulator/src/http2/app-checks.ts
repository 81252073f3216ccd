// Checks that the interfaces for broadcasts and for channels share: the app in the path, and the channel in the header.
import { type KnownReason, pushTypes } from "@apns/core";
import type { Quirks } from "../quirks.js";
import type { World } from "../world/world.js";
import type { Sender } from "./sender.js";

/** The bundle ID between `before` and `after` in a path, percent-decoded; `undefined` if the path is another. */
export function bundleIdOf(path: string, before: string, after: string): string | undefined {
  if (!path.startsWith(before) || !path.endsWith(after) || path.length <= before.length + after.length)
    return undefined;
  const segment = path.slice(before.length, path.length - after.length);
  if (segment.includes("/")) return undefined;
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}

const suffixes = [...new Set(Object.values(pushTypes).map((row) => row.topicSuffix))].filter((text) => text !== "");

/** The reason why the sender may not broadcast for this app, if there is one. */
export function appProblem(bundleId: string, sender: Sender, world: World, quirks: Quirks): KnownReason | undefined {
  // The path names the app, never a topic (documented).
  if (suffixes.some((suffix) => bundleId.endsWith(suffix))) return "TopicDisallowed";
  if (!sender.covers(bundleId)) return "TopicMismatch";
  if (world.app(bundleId)?.broadcast !== false) return undefined;
  return quirks.reasonSpelling === "observed" ? "BroadcastFeatureNotEnabled" : "FeatureNotEnabled";
}

/** Far above what Apple was seen to give out. */
const maxChannelIdLength = 256;

/** The reason to refuse the channel that a request names, if there is one. The two last reasons were observed in 2026. */
export function channelProblem(
  bundleId: string,
  channelId: string | undefined,
  { channels }: World,
): KnownReason | undefined {
  if (channelId === undefined || channelId === "") return "MissingChannelId";
  if (channelId.length > maxChannelIdLength) return "BadChannelId";
  if (channels.get(bundleId, channelId) !== undefined) return undefined;
  return channels.wasDeleted(bundleId, channelId) ? "ChannelNotRegistered" : "BadChannelId";
}

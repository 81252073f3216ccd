// The keys of `aps` by push type, as the types in `aps.ts` and `live-activity-aps.ts` have them.
//
// Source: Apple, "Generating a remote notification" and "Starting and updating Live Activities with ActivityKit push
// notifications".
import {
  count,
  number,
  object,
  objectOf,
  one,
  oneOf,
  type Shape,
  shape,
  share,
  text,
  textOr,
  texts,
  yes,
} from "./shape.js";

const alertKeys: Shape = shape({
  title: text,
  subtitle: text,
  body: text,
  "launch-image": text,
  "title-loc-key": text,
  "title-loc-args": texts,
  "subtitle-loc-key": text,
  "subtitle-loc-args": texts,
  "loc-key": text,
  "loc-args": texts,
  "summary-arg": text,
  "summary-arg-count": number,
  "action-loc-key": text,
  action: text,
});

export const alertApsShape: Shape = shape({
  alert: textOr(alertKeys),
  badge: count,
  sound: textOr(shape({ critical: one, name: text, volume: share })),
  "thread-id": text,
  category: text,
  "content-available": one,
  "mutable-content": one,
  "target-content-id": text,
  "interruption-level": oneOf("passive", "active", "time-sensitive", "critical"),
  "relevance-score": share,
  "filter-criteria": text,
  "url-args": texts,
});

export const backgroundApsShape: Shape = shape({ "content-available": one });

/** Of widgets and controls. */
export const contentChangedApsShape: Shape = shape({ "content-changed": yes });

const liveActivityText = textOr(shape({ "loc-key": text, "loc-args": texts }));

/** Instants here are UNIX seconds: a `Date` was converted before. */
export const liveActivityApsShape: Shape = shape({
  event: oneOf("start", "update", "end"),
  timestamp: number,
  "content-state": object,
  "stale-date": number,
  "dismissal-date": number,
  "relevance-score": number,
  alert: objectOf(shape({ title: liveActivityText, body: liveActivityText, sound: text })),
  "attributes-type": text,
  attributes: object,
  "input-push-token": one,
  "input-push-channel": text,
});

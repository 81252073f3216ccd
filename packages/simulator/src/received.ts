import type { PushType, Reason, Wire } from "@apns/core";
import { cutText } from "@apns/core/internal";
import { BoundedLog } from "./bounded-log.js";
import type { Verdict } from "./world/verdict.js";

/**
 * One notification that the simulator decided about. Texts of the sender are cut before they are kept, and the cut is marked
 * by the number of characters that are missing: payloads at 16,384 characters, all others at 1024.
 */
export interface ReceivedNotification {
  readonly wire: Wire;
  /** The number of the connection, counted from 1 for each wire. */
  readonly connection: number;
  /**
   * Lower-case hexadecimal text; empty if the sender gave none, as a barrier on the legacy wire does, and for
   * broadcasts.
   */
  readonly deviceToken: string;
  /** Empty if the request named none and none follows from the certificate. */
  readonly topic: string;
  readonly pushType?: PushType;
  /** The payload as it came, decoded from UTF-8. */
  readonly payload: string;
  /** HTTP/2: the id answered, the sender's own or a made one. */
  readonly apnsId?: string;
  /** Broadcasts: the id answered. */
  readonly apnsRequestId?: string;
  /** Broadcasts: the channel named. */
  readonly channelId?: string;
  readonly collapseId?: string;
  /** Legacy wire: the sender's number for it. */
  readonly identifier?: number;
  readonly priority?: number;
  /** UNIX seconds; 0 asks for a single attempt. */
  readonly expiration?: number;
  readonly verdict: Verdict;
  /** A fault lost the notification: whatever was answered, it reaches no device. */
  readonly lost?: true;
  /** Milliseconds since the epoch. */
  readonly receivedAt: number;
}

/** Counters of one wire. They only grow, and cover everything, however little `received` keeps. */
export interface WireStats {
  readonly connections: number;
  readonly connectionsOpen: number;
  /** Notifications decided. */
  readonly received: number;
  readonly accepted: number;
  readonly rejected: number;
  /** Legacy wire: frames that came behind a failing one and were discarded, as Apple does. */
  readonly discarded: number;
  /** At most a thousand reasons; all further ones count together as "others". */
  readonly rejectedByReason: Readonly<Record<string, number>>;
}

/** More than any payload may have. */
const maxPayloadLength = 16_384;

/** More than a device token has digits, or a header that APNs accepts has characters. */
const maxTextLength = 1024;

/** The notification with texts of bounded length: itself, unless one is longer. */
function withCutTexts(notification: ReceivedNotification): ReceivedNotification {
  const { deviceToken, topic, payload, pushType, collapseId, channelId } = notification;
  const isShort =
    payload.length <= maxPayloadLength &&
    deviceToken.length <= maxTextLength &&
    topic.length <= maxTextLength &&
    (pushType === undefined || pushType.length <= maxTextLength) &&
    (collapseId === undefined || collapseId.length <= maxTextLength) &&
    (channelId === undefined || channelId.length <= maxTextLength);
  if (isShort) return notification;
  const cut = (text: string): string => cutText(text, maxTextLength);
  return {
    ...notification,
    payload: cutText(payload, maxPayloadLength),
    deviceToken: cut(deviceToken),
    topic: cut(topic),
    ...(pushType === undefined ? {} : { pushType: cut(pushType) as PushType }),
    ...(collapseId === undefined ? {} : { collapseId: cut(collapseId) }),
    ...(channelId === undefined ? {} : { channelId: cut(channelId) }),
  };
}

/** Twenty times as many as Apple has. */
const maxReasons = 1000;

/** The longest reason that is counted under its own name: twice Apple's longest, and some more. */
const maxReasonLength = 100;
const others = "others";

export class WireCounter {
  connections = 0;
  connectionsOpen = 0;
  accepted = 0;
  rejected = 0;
  discarded = 0;
  readonly #byReason = new Map<Reason, number>();

  decided(verdict: Verdict): void {
    if (verdict.kind === "accepted") {
      this.accepted++;
      return;
    }
    this.rejected++;
    // A verdict function or a fault may give any text as the reason.
    const name = cutText(verdict.reason, maxReasonLength);
    const isCounted = this.#byReason.size < maxReasons || this.#byReason.has(name);
    const reason = isCounted ? name : others;
    this.#byReason.set(reason, (this.#byReason.get(reason) ?? 0) + 1);
  }

  snapshot(): WireStats {
    const { connections, connectionsOpen, accepted, rejected, discarded } = this;
    const rejectedByReason = Object.fromEntries(this.#byReason);
    return {
      connections,
      connectionsOpen,
      received: accepted + rejected,
      accepted,
      rejected,
      discarded,
      rejectedByReason,
    };
  }
}

/** Which notifications to look for: those that match every field given. */
export interface ReceivedQuery {
  /** Hexadecimal text, upper or lower case. */
  readonly deviceToken?: string;
  /** The complete topic, or of a broadcast the bundle ID. */
  readonly topic?: string;
  readonly channelId?: string;
  readonly wire?: Wire;
  readonly verdict?: Verdict["kind"];
}

/**
 * The newest notifications, oldest first. Older ones fall out; `stats()` still counts them. `for await` goes on with those
 * that are yet to come, until the simulator is closed.
 */
export class ReceivedLog extends BoundedLog<ReceivedNotification> {
  readonly http2: WireCounter = new WireCounter();
  readonly binary: WireCounter = new WireCounter();
  /** Channel management: its requests are counted and not kept. */
  readonly channels: WireCounter = new WireCounter();
  readonly #tell: (notification: ReceivedNotification) => void;

  /** @param tell called with every notification, at once */
  constructor(capacity: number, tell: (notification: ReceivedNotification) => void) {
    super(capacity);
    this.#tell = tell;
  }

  /** The notifications for one device token, upper or lower case. */
  for(deviceToken: string): ReceivedNotification[] {
    return this.query({ deviceToken });
  }

  /** The notifications that match. */
  query({ deviceToken, topic, channelId, wire, verdict }: ReceivedQuery): ReceivedNotification[] {
    const wanted = deviceToken?.toLowerCase();
    const fits = (notification: ReceivedNotification): boolean =>
      (wanted === undefined || notification.deviceToken === wanted) &&
      (topic === undefined || notification.topic === topic) &&
      (channelId === undefined || notification.channelId === channelId) &&
      (wire === undefined || notification.wire === wire) &&
      (verdict === undefined || notification.verdict.kind === verdict);
    return [...this].filter(fits);
  }

  /** For the servers: counts, keeps and passes on. */
  record(received: ReceivedNotification): void {
    const notification = withCutTexts(received);
    this[notification.wire as "http2" | "binary"].decided(notification.verdict);
    this.append(notification);
    this.#tell(notification);
  }
}

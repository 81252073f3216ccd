import { channel } from "node:diagnostics_channel";
import type { ConnectionEvent, ObservedSend, Outcome, TransportObserver } from "@apns/core";

/** The channels of Node's `diagnostics_channel` that `diagnosticsObserver` publishes on. */
export const channelNames = {
  sendStarted: "apns:send:started",
  sendSettled: "apns:send:settled",
  sendRefused: "apns:send:refused",
  connection: "apns:connection",
} as const;

/** The message on `apns:send:started`. */
export interface SendStartedMessage {
  readonly send: ObservedSend;
}

/** The message on `apns:send:settled`; `send` is the same object as in the message of the start. */
export interface SendSettledMessage {
  readonly send: ObservedSend;
  readonly outcome: Outcome;
  readonly elapsedMs: number;
}

/** The message on `apns:send:refused`: `send` rejected because of misuse, and nothing was sent. */
export interface SendRefusedMessage {
  readonly send: ObservedSend;
  readonly error: unknown;
}

/** The message on `apns:connection`. */
export interface ConnectionMessage {
  readonly event: ConnectionEvent;
  readonly protocol: string;
}

const started = channel(channelNames.sendStarted);
const settled = channel(channelNames.sendSettled);
const refused = channel(channelNames.sendRefused);
const connections = channel(channelNames.connection);

/**
 * Publishes sends and events of connections on Node's `diagnostics_channel`. Without a subscriber, the cost is a comparison per
 * send.
 */
export function diagnosticsObserver(): TransportObserver<void> {
  return {
    started: (send) => {
      if (started.hasSubscribers) started.publish({ send } satisfies SendStartedMessage);
    },
    settled: (send, outcome, elapsedMs) => {
      if (settled.hasSubscribers) settled.publish({ send, outcome, elapsedMs } satisfies SendSettledMessage);
    },
    refused: (send, error) => {
      if (refused.hasSubscribers) refused.publish({ send, error } satisfies SendRefusedMessage);
    },
    connection: (event, protocol) => {
      if (connections.hasSubscribers) connections.publish({ event, protocol } satisfies ConnectionMessage);
    },
  };
}

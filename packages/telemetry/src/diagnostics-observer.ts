import { channel } from "node:diagnostics_channel";
import type { ConnectionEvent, ObservedSend, Outcome, TransportObserver } from "@apns/core";

/** The channels of Node's `diagnostics_channel` that `diagnosticsObserver` publishes on. */
export const channelNames = {
  sendStarted: "apns:send:started",
  sendSettled: "apns:send:settled",
  sendRefused: "apns:send:refused",
  connection: "apns:connection",
} as const;

/** On `apns:send:started`. */
export interface SendStartedMessage {
  readonly send: ObservedSend;
}

/** On `apns:send:settled`; `send` is the same object as when it started. */
export interface SendSettledMessage {
  readonly send: ObservedSend;
  readonly outcome: Outcome;
  readonly elapsedMs: number;
}

/** On `apns:send:refused`: misuse, nothing was sent. */
export interface SendRefusedMessage {
  readonly send: ObservedSend;
  readonly error: unknown;
}

/** On `apns:connection`. */
export interface ConnectionMessage {
  readonly event: ConnectionEvent;
  readonly protocol: string;
}

const started = channel(channelNames.sendStarted);
const settled = channel(channelNames.sendSettled);
const refused = channel(channelNames.sendRefused);
const connections = channel(channelNames.connection);

/**
 * Publishes what an observer sees on Node's `diagnostics_channel`, for monitoring that subscribes there. Without a
 * subscriber it costs a comparison per send.
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

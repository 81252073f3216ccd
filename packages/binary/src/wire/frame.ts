// The three frames a provider sends. All integers are unsigned and big-endian; frames follow each other without
// separators, and TLS may cut or join them at any byte.
//
//   command 0, "simple":    0 │ tokenLength 2 │ token │ payloadLength 2 │ payload
//   command 1, "enhanced":  1 │ identifier 4 │ expiry 4 │ tokenLength 2 │ token │ payloadLength 2 │ payload
//   command 2, "framed":    2 │ frameLength 4 │ items: ( itemId 1 │ itemLength 2 │ item )*
//
// Source: Apple's archived Local and Remote Notification Programming Guide, appendix A "Binary Provider API" (command 2)
// and appendix B "Legacy Notification Format" (commands 0 and 1).

/** First byte of a notification frame: 0 simple, 1 enhanced, 2 framed. */
export type FrameCommand = 0 | 1 | 2;

/** The items of command 2, by name. Apple numbers them 1 to 5 and does not say that the order matters. */
export const frameItemIds = {
  deviceToken: 1,
  payload: 2,
  identifier: 3,
  expiry: 4,
  priority: 5,
} as const;

/** One notification as it stands on the wire. Fields the format does not carry are `undefined`. */
export interface NotificationFrame {
  readonly command: FrameCommand;
  /** Unsigned 32 bits, opaque to the gateway, which echoes it in an error response. Never in command 0. */
  readonly identifier: number | undefined;
  /** UNIX seconds, unsigned 32 bits; 0 asks for a single attempt. Never in command 0. */
  readonly expiry: number | undefined;
  /** Raw bytes, 32 for ordinary apps; Apple's last documentation allowed up to 100. */
  readonly deviceToken: Uint8Array;
  /** JSON as UTF-8. */
  readonly payload: Uint8Array;
  /** 10 or 5 by Apple's documentation; any byte survives here. Command 2 only; the others mean 10. */
  readonly priority: number | undefined;
}

/**
 * Size in bytes of a frame that carries everything its command can: 37 + payload, 45 + payload and 61 + payload for an
 * ordinary 32-byte device token.
 */
export function frameBytes(command: FrameCommand, deviceTokenBytes: number, payloadBytes: number): number {
  return deviceTokenBytes + payloadBytes + frameOverheadBytes[command];
}

/** What each command adds to device token and payload; for command 2 with all five items. */
const frameOverheadBytes: Readonly<Record<FrameCommand, number>> = { 0: 5, 1: 13, 2: 29 };

/** Bytes before the items of command 2: the command and the frame length, which counts the items only. */
export const framedHeaderBytes = 5;

/** Bytes before the content of an item: its id and its length. */
export const itemHeaderBytes = 3;

import type { FrameCommand } from "./wire.js";

/**
 * How notifications are framed: `"simple"` (command 0), `"enhanced"` (command 1) or `"framed"` (command 2). Only the
 * last two carry an identifier, without which an error response cannot name what it refuses.
 */
export type Format = "simple" | "enhanced" | "framed";

export const commandOf: Readonly<Record<Format, FrameCommand>> = { simple: 0, enhanced: 1, framed: 2 };

/**
 * What stands for "no expiration given": the largest instant that old, signed readers understand too (2038). Leaving the
 * item out of command 2 is no way to say it, because senders and gateways have disagreed on whether that means 0,
 * a single attempt; and command 1 cannot leave it out.
 */
export const storeAsLongAsPossible = 0x7fff_ffff;

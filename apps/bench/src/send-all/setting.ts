import { alert, type Notification, sendAll, type Transport } from "@apns/core";
import { measured } from "../binary/measured.js";
import type { Figures } from "../figures.js";
import { payload } from "../http2/setting.js";

/** How many device tokens there are to stream. */
export interface Stream {
  readonly count: number;
}

const notification: Notification = alert(payload);

/** As a database cursor would give them: each its own string, by promise, never all at once. */
async function* deviceTokens(count: number): AsyncGenerator<string> {
  for (let index = 0; index < count; index++) yield index.toString(16).padStart(64, "0");
}

/** Streams the device tokens through `sendAll`, reading every result. */
export function stream(transport: Transport, count: number): Promise<Figures> {
  return measured(count, async () => {
    let accepted = 0;
    for await (const { outcome } of sendAll(transport, { notification, deviceTokens: deviceTokens(count) })) {
      if (outcome.kind === "accepted") accepted++;
    }
    return count - accepted;
  });
}

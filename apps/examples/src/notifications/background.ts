import { background, type Outcome, type Transport } from "@apns/http2";

/** Wakes the app to fetch what is new. Nobody sees it; devices let an app have two or three an hour. */
export function sendBackground(transport: Transport, deviceToken: string): Promise<Outcome> {
  const sync = background({ custom: { menuVersion: 12 } });
  return transport.send(sync, deviceToken);
}

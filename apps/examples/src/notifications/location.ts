import { location, type Outcome, type Transport } from "@apns/http2";

/** Asks the app's Location Push Service Extension where the device is. Needs a provider token. */
export function sendLocation(transport: Transport, deviceToken: string): Promise<Outcome> {
  const whereAreYou = location({ priority: 10, custom: { askedBy: "courier 3" } });
  return transport.send(whereAreYou, deviceToken);
}

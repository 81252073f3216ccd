import { notification, type Outcome, type Transport } from "@apns/http2";

/** JSON text (or bytes) goes out as it is, and the push type may be newer than this package. */
export function sendVerbatim(transport: Transport, deviceToken: string): Promise<Outcome> {
  const asStored = notification({ pushType: "alert", payload: '{ "aps": { "alert": "Kept as it was" } }' });
  return transport.send(asStored, deviceToken);
}

import { type Outcome, type Transport, widgets } from "@apns/http2";

/** Has the system reload the app's widgets; goes to the token of its `WidgetPushHandler`. */
export function sendWidgets(transport: Transport, deviceToken: string): Promise<Outcome> {
  return transport.send(widgets(), deviceToken);
}

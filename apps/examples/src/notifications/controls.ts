import { controls, type Outcome, type Transport } from "@apns/http2";

/** Has the system reload the app's controls; goes to the token of its `ControlPushHandler`. */
export function sendControls(transport: Transport, deviceToken: string): Promise<Outcome> {
  return transport.send(controls({ priority: 10, expiration: "once" }), deviceToken);
}

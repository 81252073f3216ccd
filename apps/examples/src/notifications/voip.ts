import { type Outcome, type Transport, voip } from "@apns/http2";

/** Announces a call; goes to the PushKit token of type `.voIP`. Expires at once, so that no device rings too late. */
export function sendVoip(transport: Transport, deviceToken: string): Promise<Outcome> {
  const call = voip({ custom: { callId: "6f2c", caller: "Ada" } });
  return transport.send(call, deviceToken);
}

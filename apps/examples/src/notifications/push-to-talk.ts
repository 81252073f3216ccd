import { type Outcome, pushToTalk, type Transport } from "@apns/http2";

/** Tells the app who speaks; goes to the token that the Push to Talk framework gave for the channel. */
export function sendPushToTalk(transport: Transport, deviceToken: string): Promise<Outcome> {
  const adaSpeaks = pushToTalk({ custom: { activeSpeaker: "Ada" } });
  return transport.send(adaSpeaks, deviceToken);
}

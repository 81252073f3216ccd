import { mdm, type Outcome, type Transport } from "@apns/http2";

/**
 * Asks a managed device to call its MDM server. The connection needs the MDM push certificate, and the topic is its
 * subject's UID. `pushMagic` and device token are what the device sent in its `TokenUpdate`.
 */
export function sendMdm(transport: Transport, deviceToken: string): Promise<Outcome> {
  const callHome = mdm({
    topic: "com.apple.mgmt.External.3d2f7c1e-9d0b-4b53-9c39-2f5f3f0a6f11",
    pushMagic: "6E4D6C05-4AE2-4F0C-8D58-0A0B7C9E8F33",
  });
  return transport.send(callHome, deviceToken);
}

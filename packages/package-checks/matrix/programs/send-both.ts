// Copied into every project, as it is, as an ES module and as CommonJS.
import { BinaryTransport } from "@apns/binary";
import { alert, Http2Transport } from "@apns/http2";

/** Sends a notification over each wire, as the environment variable SENDER says; what came of both. */
export async function sendBoth(): Promise<string> {
  const { http2, binary, deviceToken } = JSON.parse(process.env["SENDER"] ?? "{}");
  const notification = alert({ aps: { alert: "Dinner is ready" } });
  const kinds: string[] = [];
  for (const transport of [new Http2Transport(http2), new BinaryTransport(binary)]) {
    const sending = transport.send(notification, deviceToken);
    await transport.close();
    kinds.push((await sending).kind);
  }
  return kinds.join(" ");
}

import { alert } from "@apns/core";
import { legacyConnectOptions } from "../settings/transports.js";
import { type Check, failed, passed, skipped } from "./check.js";
import type { DoctorContext } from "./context.js";
import { switchedOff } from "./network.js";

const allZeroToken = "0".repeat(64);

/** Whether the gateway lets this certificate in, and answers as a gateway does. */
export async function checkGateway({ settings, credentials, isApple, timeoutMs }: DoctorContext): Promise<Check> {
  const id = "gateway";
  if (credentials?.type !== "certificate") return skipped(id, "no certificate is given");
  const { BinaryTransport } = await import("@apns/binary");
  const options = await legacyConnectOptions(settings, "gateway");
  const transport = new BinaryTransport({ ...options, timeoutMs, connectTimeoutMs: timeoutMs, maxConnectFailures: 1 });
  try {
    await transport.connect();
    const sending = transport.send(alert({ aps: { "content-available": 1 } }), allZeroToken);
    await transport.flush();
    const outcome = await sending;
    if (outcome.kind === "rejected" && outcome.reason === "BadDeviceToken") {
      return passed(
        id,
        "the certificate is let in: the gateway went on to the all-zero device token, and refused that (status 8)",
      );
    }
    if (outcome.kind === "accepted")
      return passed(id, "the certificate is let in; this gateway takes even an all-zero device token");
    const said =
      outcome.kind === "rejected" ? `${outcome.reason} (status ${outcome.statusCode})` : outcome.cause.message;
    return failed(
      id,
      `${outcome.kind}: ${said}`,
      "a gateway that closes without a word does not like the certificate: check its environment and topic",
    );
  } catch (error) {
    return failed(id, (error as Error).message, isApple ? switchedOff : "mend what failed above");
  } finally {
    await transport.close({ timeoutMs: 0 });
  }
}

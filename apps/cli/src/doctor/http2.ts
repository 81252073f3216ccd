import { connect } from "node:http2";
import { isIP } from "node:net";
import { connect as connectTls } from "node:tls";
import { alert, type Outcome, reasonRow } from "@apns/core";
import { keepNodeFromReading } from "@apns/net";
import { http2ClientOptions } from "../settings/transports.js";
import { type Check, failed, passed, skipped } from "./check.js";
import type { DoctorContext } from "./context.js";

/** No device has this token. APNs judges it only after the credentials, and then answers BadDeviceToken. */
const allZeroToken = "0".repeat(64);

/** Off by more than this, a clock makes provider tokens that APNs refuses sooner or later. */
const toleratedSkewMs = 5 * 60_000;

/** Sends a push that cannot arrive, to learn what APNs thinks of the credentials. */
export async function checkPush(context: DoctorContext): Promise<Check[]> {
  const { credentials, settings, topic, timeoutMs } = context;
  const id = credentials?.type === "token" ? "provider-token" : "push-certificate";
  if (credentials === undefined) return [skipped(id, "no credentials are given")];
  if (topic === undefined && credentials.type === "token") {
    return [
      failed(id, "no topic is given, without which a provider token is of no use", "give --topic, the app's bundle ID"),
    ];
  }
  const { Http2Transport } = await import("@apns/http2");
  const options = await http2ClientOptions(settings, "http2");
  const transport = new Http2Transport({ ...options, timeoutMs, ...(topic === undefined ? {} : { topic }) });
  try {
    return [judge(id, await transport.send(alert({ aps: { "content-available": 1 } }), allZeroToken), topic)];
  } finally {
    await transport.close({ timeoutMs: 0 });
  }
}

function judge(id: string, outcome: Outcome, topic: string | undefined): Check {
  const whose = topic === undefined ? "" : ` for ${topic}`;
  switch (outcome.kind) {
    case "accepted":
      return passed(id, `accepted${whose}; this server takes even an all-zero device token`);
    case "rejected": {
      const { reason, httpStatus, detail } = outcome;
      if (reason === "BadDeviceToken" || reason === "Unregistered") {
        return passed(id, `accepted${whose}: APNs went on to the all-zero device token, and refused that (${reason})`);
      }
      const { meaning } = reasonRow(reason, httpStatus);
      return failed(id, `refused: ${httpStatus} ${reason}`, detail ?? fixes[reason] ?? meaning);
    }
    default:
      return failed(
        id,
        `${outcome.kind}: ${outcome.cause.message}`,
        fixes[reasonIn(outcome.cause.message)] ?? "mend what failed above",
      );
  }
}

/** A GOAWAY's reason stands in the message. */
function reasonIn(message: string): string {
  return Object.keys(fixes).find((reason) => new RegExp(`\\b${reason}\\b`).test(message)) ?? "";
}

const fixes: Readonly<Record<string, string>> = {
  BadCertificate: "make a new certificate in Apple's portal: this one is revoked, or no push certificate",
  BadCertificateEnvironment: "the certificate is for the other environment: change --environment, or the certificate",
  BadEnvironmentKeyIdInToken: "the key is for the other environment: change --environment, or the key",
  BadEnvironmentKeyInToken: "the key is for the other environment: change --environment, or the key",
  BadTopic: "check --topic: it is the app's bundle ID, letter by letter",
  DeviceTokenNotForTopic: "check --topic: it is the app's bundle ID, letter by letter",
  MissingTopic: "give --topic, the app's bundle ID",
  TopicDisallowed: "the credentials do not cover this topic: check --topic, and what the key or certificate is for",
};

/** Compares the clocks, if the server tells its time. */
export async function checkClock(context: DoctorContext, provenByToken: boolean): Promise<Check> {
  const id = "clock";
  if (context.proxy !== undefined) return skipped(id, "not looked at through a proxy");
  const date = await serverDate(context);
  const here = new Date();
  if (date !== undefined) {
    const skewMs = here.getTime() - date.getTime();
    const seconds = Math.round(Math.abs(skewMs) / 1000);
    if (Math.abs(skewMs) <= toleratedSkewMs) return passed(id, `within ${seconds} s of the server's`);
    return failed(
      id,
      `this machine says ${here.toISOString()}, the server ${date.toISOString()}: ${seconds} s ${skewMs > 0 ? "ahead" : "behind"}`,
      "set the clock (NTP): a provider token carries its time, and one that is off is refused",
    );
  }
  if (provenByToken)
    return passed(id, "the server does not tell its time, but took a provider token stamped with this machine's");
  return skipped(id, "the server does not tell its time (no date header)");
}

/** The `date` of an answer to a request that asks for nothing. */
function serverDate({ endpoint, timeoutMs, credentials }: DoctorContext): Promise<Date | undefined> {
  const { host, port, servername, ca } = endpoint;
  const identity = credentials?.type === "certificate" ? { cert: credentials.cert, key: credentials.key } : {};
  return new Promise((resolve) => {
    const session = connect(`https://${host.includes(":") ? `[${host}]` : host}:${port}`, {
      createConnection: () => {
        const socket = connectTls({
          host,
          port,
          ALPNProtocols: ["h2"],
          ...(isIP(servername) === 0 ? { servername } : {}),
          ...(ca === undefined ? {} : { ca: ca as string }),
          ...identity,
          // Only its clock is looked at; whether it is to be trusted was said before.
          rejectUnauthorized: false,
        });
        keepNodeFromReading(socket);
        return socket;
      },
    });
    const timer = setTimeout(() => end(undefined), timeoutMs);
    const end = (date: Date | undefined): void => {
      clearTimeout(timer);
      session.destroy();
      resolve(date);
    };
    session.on("error", () => end(undefined));
    session.on("close", () => end(undefined));
    const request = session.request({ ":method": "GET", ":path": "/3/device/0" });
    request.on("error", () => end(undefined));
    request.once("response", ({ date }) => end(typeof date === "string" ? new Date(date) : undefined));
    request.end();
  });
}

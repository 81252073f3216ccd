// node:http2 as one writes it by hand: one session, one request a push, headers and payload prepared once.
import { connect } from "node:http2";
import { answerParent } from "@apns/processes";
import { measure } from "../contender.js";
import type { Figures } from "../figures.js";
import type { ContenderCalls } from "../processes.js";
import { deviceToken, type Http2Setting, payload, topic } from "./setting.js";

async function run({ port, ca, deviceTokens, load }: Http2Setting): Promise<Figures> {
  const session = connect(`https://127.0.0.1:${port}`, { ca });
  await new Promise((resolve) => session.once("remoteSettings", resolve));
  const body = Buffer.from(JSON.stringify(payload));
  const common = {
    ":method": "POST",
    authorization: `bearer ${"x".repeat(200)}`,
    "apns-topic": topic,
    "apns-push-type": "alert",
  };
  const send = (index: number): Promise<boolean> =>
    new Promise((resolve, reject) => {
      const stream = session.request({ ...common, ":path": `/3/device/${deviceToken(index % deviceTokens)}` });
      let accepted = false;
      stream.on("response", (headers) => {
        accepted = headers[":status"] === 200 && headers["apns-id"] !== undefined;
      });
      stream.on("error", reject);
      stream.on("close", () => resolve(accepted));
      stream.resume();
      stream.end(body);
    });
  const figures = await measure(send, load);
  session.destroy();
  return figures;
}

answerParent<ContenderCalls<Http2Setting, Figures>>({ run });

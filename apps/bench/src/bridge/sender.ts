// A legacy sender that is as fast as the bridge lets it be: frames from a slab, and at the end a frame with an empty
// device token, whose refusal proves that everything before it was accepted upstream.
import { once } from "node:events";
import { connect } from "node:tls";
import { encodeFrame } from "@apns/binary/wire";
import { answerParent } from "@apns/processes";
import { payload } from "../http2/setting.js";
import type { ContenderCalls } from "../processes.js";
import type { SenderFigures, SenderSetting } from "./setting.js";

const framesPerWrite = 300;
const personalBytes = 8;

async function run(setting: SenderSetting): Promise<SenderFigures> {
  const { port, ca, tls, count, command, deviceTokens, personal } = setting;
  const socket = connect({ host: "127.0.0.1", port, ca, ...tls });
  await once(socket, "secureConnect");
  let answer = "";
  socket.on("data", (chunk: Buffer) => {
    answer += chunk.toString("hex");
  });
  const text = JSON.stringify({
    aps: { alert: `${"0".repeat(personalBytes)}${payload.aps.alert.slice(personalBytes)}` },
  });
  const body = Buffer.from(text);
  const one = frame(command, 0, deviceTokens[0]!, body);
  const personalAt = one.indexOf(body) + text.indexOf("0".repeat(personalBytes));
  // Enough slabs that none is overwritten before it has left.
  const slabs = Array.from({ length: 4 }, () => Buffer.alloc(one.length * framesPerWrite));
  const startedAt = performance.now();
  const endAt = setting.forMs === undefined ? Number.POSITIVE_INFINITY : startedAt + setting.forMs;
  let sent = 0;
  for (let turn = 0; sent < count && performance.now() < endAt; turn++) {
    const slab = slabs[turn % slabs.length]!;
    const frames = Math.min(framesPerWrite, count - sent);
    for (let place = 0; place < frames; place++, sent++) {
      const at = place * one.length;
      slab.set(frame(command, sent, deviceTokens[sent % deviceTokens.length]!, body), at);
      if (personal) slab.write(sent.toString().padStart(personalBytes, "0"), at + personalAt, "latin1");
    }
    if (!socket.write(slab.subarray(0, frames * one.length))) {
      await Promise.race([once(socket, "drain"), until(endAt)]);
    }
  }
  if (setting.forMs === undefined) {
    socket.write(frame(1, 0xffff_ffff, "", Buffer.alloc(0)));
    await once(socket, "end");
  }
  const seconds = (performance.now() - startedAt) / 1000;
  const failed = setting.forMs === undefined && answer !== "0802ffffffff" ? 1 : 0;
  const bytes = socket.bytesWritten - socket.writableLength;
  socket.destroy();
  return { seconds, failed, bytes };
}

const made = new Map<string, Buffer>();

/** Made once per device token; then only the identifier changes. */
function frame(command: 1 | 2, identifier: number, deviceToken: string, body: Buffer): Buffer {
  let bytes = made.get(deviceToken);
  if (bytes === undefined) {
    const token = Buffer.from(deviceToken, "hex");
    const rest =
      command === 1 ? { expiry: 0x7f00_0000 } : { expiry: 0x7f00_0000, priority: 10, itemOrder: [3, 1, 2, 4, 5] };
    bytes = Buffer.from(encodeFrame({ command, identifier: 0, deviceToken: token, payload: body, ...rest }));
    made.set(deviceToken, bytes);
  }
  bytes.writeUInt32BE(identifier, command === 1 ? 1 : 8);
  return bytes;
}

function until(at: number): Promise<void> {
  if (at === Number.POSITIVE_INFINITY) return new Promise(() => {});
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, at - performance.now())));
}

answerParent<ContenderCalls<SenderSetting, SenderFigures>>({ run });

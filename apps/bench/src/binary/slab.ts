// The floor: frames copied into a slab, written whole. What the bytes cost, without a promise, a window or an outcome.

import { once } from "node:events";
import { connect } from "node:tls";
import { answerParent } from "@apns/processes";
import type { Figures } from "../figures.js";
import { deviceToken } from "../http2/setting.js";
import type { ContenderCalls } from "../processes.js";
import { measured } from "./measured.js";
import { type BinarySetting, frameOf } from "./setting.js";

async function run({ port, ca, cert, key, count, warmUp }: BinarySetting): Promise<Figures> {
  const socket = connect({ host: "127.0.0.1", port, ca, cert, key });
  await once(socket, "secureConnect");
  const frame = frameOf(deviceToken(0));
  const slab = Buffer.alloc(frame.length * 400);
  for (let index = 0; index < 400; index++) slab.set(frame, index * frame.length);
  const send = async (total: number): Promise<number> => {
    for (let index = 0; index < total; ) {
      const frames = Math.min(400, total - index);
      for (let slot = 0; slot < frames; slot++, index++) {
        slab.write(deviceToken(index), slot * frame.length + 11, "hex");
        slab.writeUInt32BE(index, slot * frame.length + 1);
      }
      await new Promise((resolve) => socket.write(slab.subarray(0, frames * frame.length), resolve));
    }
    return 0;
  };
  await send(warmUp);
  const figures = await measured(count, () => send(count));
  // All of it is to arrive.
  socket.resume().end();
  await once(socket, "close");
  return figures;
}

answerParent<ContenderCalls<BinarySetting, Figures>>({ run });

// The plain loop: one `socket.write` per frame, waiting for `drain`. No identifiers, no verdicts: nothing is known.
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
  const send = async (total: number): Promise<number> => {
    for (let index = 0; index < total; index++) {
      if (!socket.write(frameOf(deviceToken(index)))) await once(socket, "drain");
    }
    await new Promise((resolve) => socket.write("", resolve));
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

// The plain loop: one `socket.write` per frame, waiting for `drain`. No identifiers, no verdicts: nothing is known.
import { once } from "node:events";
import { connect } from "node:tls";
import { deviceToken } from "../http2/setting.js";
import { measured } from "./measured.js";
import { type BinarySetting, frameOf } from "./setting.js";

process.on("message", async ({ port, ca, cert, key, count, warmUp }: BinarySetting) => {
  const socket = connect({ host: "127.0.0.1", port, ca, cert, key });
  await once(socket, "secureConnect");
  const run = async (total: number): Promise<number> => {
    for (let index = 0; index < total; index++) {
      if (!socket.write(frameOf(deviceToken(index)))) await once(socket, "drain");
    }
    await new Promise((resolve) => socket.write("", resolve));
    return 0;
  };
  await run(warmUp);
  const figures = await measured(count, () => run(count));
  // All of it is to arrive.
  socket.resume().end();
  await once(socket, "close");
  process.send?.(figures);
  process.disconnect();
});

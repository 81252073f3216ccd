// The sink: a gateway that accepts everything and answers the empty frame of a barrier. It looks at the lengths of
// frames, of command 1 and of 2 (apn@1.7.8), and at nothing else, so that the contender is what is measured.
import { createServer, type TLSSocket } from "node:tls";
import { answerParent } from "@apns/processes";
import type { SinkCalls } from "./setting.js";

const headBytes = 13;
let frames = 0;

function serve(socket: TLSSocket): void {
  /** The beginning of a frame whose lengths are not known yet. */
  let rest: Buffer = Buffer.alloc(0);
  let toSkip = 0;
  socket.on("error", () => {});
  socket.on("data", (chunk: Buffer) => {
    let data = chunk;
    if (rest.length > 0) {
      data = Buffer.concat([rest, chunk]);
      rest = Buffer.alloc(0);
    }
    let offset = toSkip;
    for (;;) {
      if (offset + headBytes > data.length) break;
      if (data[offset] === 2) {
        frames++;
        offset += 5 + data.readUInt32BE(offset + 1);
        continue;
      }
      const tokenBytes = (data[offset + 9]! << 8) | data[offset + 10]!;
      const payloadAt = offset + 11 + tokenBytes;
      if (payloadAt + 2 > data.length) break;
      if (tokenBytes === 0) {
        const answer = Buffer.from([8, 2, 0, 0, 0, 0]);
        data.copy(answer, 2, offset + 1, offset + 5);
        socket.end(answer);
        return;
      }
      frames++;
      offset = payloadAt + 2 + ((data[payloadAt]! << 8) | data[payloadAt + 1]!);
    }
    toSkip = Math.max(0, offset - data.length);
    if (offset < data.length) rest = Buffer.from(data.subarray(offset));
  });
}

answerParent<SinkCalls>({
  listen: (identity) => {
    const server = createServer({ ...identity, minVersion: "TLSv1.2" }, serve);
    return new Promise((resolve) =>
      server.listen(0, "127.0.0.1", () => resolve((server.address() as { port: number }).port)),
    );
  },
  figures: () => {
    const { user, system } = process.cpuUsage();
    return { cpuSeconds: (user + system) / 1e6, frames };
  },
});

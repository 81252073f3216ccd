// The fast sink: answers every POST with 200 and an apns-id, and does next to nothing else. It reads frame heads only,
// decodes no header, and writes all answers of a chunk at once, so that the contender is what is measured. Its own CPU
// share is reported with the results: well below 100 % means that it was waiting for the contender.
import { createServer, type TLSSocket } from "node:tls";
import { answerParent } from "@apns/processes";
import type { SinkCalls } from "./setting.js";

const preface = 24;
const answerBytes = 9 + 1 + 1 + 8 + 1 + 36;
const answer = Buffer.alloc(answerBytes);
answer.writeUIntBE(answerBytes - 9, 0, 3);
answer[3] = 1; // HEADERS
answer[4] = 0x05; // END_STREAM, END_HEADERS
answer[9] = 0x88; // :status 200, of the static table
answer.write("\0\u0007apns-id\u002407C0F2E2-7CE0-71EC-D0D6-E7089220F778", 10, "latin1");

function frame(type: number, flags: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  return Buffer.concat([head, payload]);
}

const settings = Buffer.alloc(12);
settings.writeUInt16BE(3, 0); // MAX_CONCURRENT_STREAMS
settings.writeUInt32BE(1000, 2);
settings.writeUInt16BE(4, 6); // INITIAL_WINDOW_SIZE
settings.writeUInt32BE(0x10_0000, 8);
const grantBytes = 0x4000_0000;
const grant = Buffer.alloc(4);
grant.writeUInt32BE(grantBytes);

function serve(socket: TLSSocket): void {
  let rest: Buffer = Buffer.alloc(0);
  let toSkip = preface;
  let unread = 0;
  socket.on("error", () => {});
  socket.write(Buffer.concat([frame(4, 0, settings), frame(8, 0, grant)]));
  socket.on("data", (chunk: Buffer) => {
    const data = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let offset = toSkip;
    // A frame with a payload of one byte is the shortest that is answered.
    const out = Buffer.allocUnsafe(((data.length / 10) | 0) * answerBytes + 64);
    let end = 0;
    while (offset + 9 <= data.length) {
      const length = (data[offset]! << 16) | (data[offset + 1]! << 8) | data[offset + 2]!;
      if (offset + 9 + length > data.length) break;
      const type = data[offset + 3]!;
      const flags = data[offset + 4]!;
      if (type === 0) {
        unread += length;
        if (flags & 1) {
          out.set(answer, end);
          out[end + 5] = data[offset + 5]!;
          out[end + 6] = data[offset + 6]!;
          out[end + 7] = data[offset + 7]!;
          out[end + 8] = data[offset + 8]!;
          end += answerBytes;
        }
      } else if (type === 4 && (flags & 1) === 0) socket.write(frame(4, 1, Buffer.alloc(0)));
      else if (type === 6 && (flags & 1) === 0) socket.write(frame(6, 1, data.subarray(offset + 9, offset + 17)));
      offset += 9 + length;
    }
    toSkip = Math.max(0, offset - data.length);
    rest = offset < data.length ? Buffer.from(data.subarray(offset)) : Buffer.alloc(0);
    if (end > 0) socket.write(out.subarray(0, end));
    if (unread >= grantBytes / 2) {
      const update = Buffer.alloc(4);
      update.writeUInt32BE(unread);
      socket.write(frame(8, 0, update));
      unread = 0;
    }
  });
}

answerParent<SinkCalls>({
  listen: (identity) => {
    const server = createServer({ ...identity, ALPNProtocols: ["h2"], minVersion: "TLSv1.3", noDelay: true }, serve);
    return new Promise((resolve) =>
      server.listen(0, "127.0.0.1", () => resolve((server.address() as { port: number }).port)),
    );
  },
  cpuSeconds: () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  },
});

// The two frames with which a connection is turned away, as bytes: no HTTP/2 server library says exactly this and then
// hangs up.

/** SETTINGS as Apple sends them; see `settings` in front.ts. */
export function settingsFrame(maxConcurrentStreams: number): Buffer {
  const entries: readonly (readonly [id: number, value: number])[] = [
    [0x1, 4096],
    [0x3, maxConcurrentStreams],
    [0x4, 65_535],
    [0x5, 16_384],
    [0x6, 8000],
  ];
  const payload = Buffer.alloc(entries.length * 6);
  for (const [index, [id, value]] of entries.entries()) {
    payload.writeUInt16BE(id, index * 6);
    payload.writeUInt32BE(value, index * 6 + 2);
  }
  return frame(0x4, payload);
}

/** GOAWAY with NO_ERROR, no stream processed, and a reason as Apple puts it: compact JSON. */
export function goAwayFrame(reason: string): Buffer {
  return frame(0x7, Buffer.concat([Buffer.alloc(8), Buffer.from(JSON.stringify({ reason }))]));
}

/** RFC 9113, 4.1: length 24, type 8, flags 8, stream 31; both frames here are the connection's, stream 0. */
function frame(type: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  return Buffer.concat([head, payload]);
}

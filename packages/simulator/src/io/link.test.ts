import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { Link } from "./link.ts";

async function joined(latencyMs: number, onFar: (socket: Socket) => void): Promise<Socket> {
  const sockets: Socket[] = [];
  const target = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.push(socket);
    socket.on("error", () => {});
    onFar(socket);
  }).listen(0, "127.0.0.1");
  await once(target, "listening");
  const link = new Link((target.address() as AddressInfo).port, latencyMs);
  link.server.listen(0, "127.0.0.1");
  await once(link.server, "listening");
  const near = connect({ port: (link.server.address() as AddressInfo).port, host: "127.0.0.1", allowHalfOpen: true });
  onTestFinished(async () => {
    for (const socket of [near, ...sockets]) socket.destroy();
    await link.close();
    await new Promise((resolve) => target.close(resolve));
  });
  return near;
}

describe("Link", () => {
  it("carries every byte in order, both ways, however many", async () => {
    const near = await joined(6, (far) => void far.pipe(far));
    const sent = Buffer.alloc(20 * 1024 * 1024);
    for (let index = 0; index < sent.length; index += 4) sent.writeUInt32LE(index, index);
    near.end(sent);
    const chunks: Buffer[] = [];
    for await (const chunk of near) chunks.push(chunk as Buffer);
    expect(Buffer.concat(chunks).equals(sent)).toBe(true);
  });

  it("takes half a round trip each way", async () => {
    const near = await joined(80, (far) => void far.pipe(far));
    near.write("open"); // The first exchange pays for the TCP handshake, too.
    await once(near, "data");
    const before = performance.now();
    near.write("ping");
    await once(near, "data");
    expect(performance.now() - before).toBeGreaterThan(75);
  });

  it("makes the sender wait when the receiver does not read, and holds little meanwhile", async () => {
    let far: Socket | undefined;
    const near = await joined(10, (socket) => {
      far = socket.pause();
    });
    let written = 0;
    while (written < 64 * 1024 * 1024) {
      written += 65_536;
      if (!near.write(Buffer.alloc(65_536))) {
        const drained = await Promise.race([
          once(near, "drain").then(() => true),
          new Promise<false>((resolve) => setTimeout(() => resolve(false), 300)),
        ]);
        if (!drained) break;
      }
    }
    expect(written).toBeLessThan(40 * 1024 * 1024); // What the kernel's buffers and the link's own take.
    let read = 0;
    far!.on("data", (chunk: Buffer) => {
      read += chunk.length;
    });
    near.end();
    far!.resume();
    await once(far!, "end");
    expect(read).toBe(written);
  });

  it("keeps half-open connections half open", async () => {
    const near = await joined(10, (far) => far.on("end", () => setTimeout(() => far.end("late"), 50)).resume());
    near.end("x");
    const [chunk] = await once(near, "data");
    expect(String(chunk)).toBe("late");
    await once(near, "end");
  });

  it("passes resets on", async () => {
    const near = await joined(10, (far) => far.once("data", () => far.resetAndDestroy()));
    near.write("x");
    near.resume();
    await expect(once(near, "end")).rejects.toMatchObject({ code: "ECONNRESET" });
  });
});

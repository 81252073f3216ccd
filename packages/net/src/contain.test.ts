import { EventEmitter } from "node:events";
import { describe, expect, it } from "vitest";
import { contain } from "./contain.ts";

function contained(use: (socket: EventEmitter) => void = () => {}, failed?: (error: unknown) => void) {
  const socket = new EventEmitter();
  const failures: unknown[] = [];
  const run = contain(socket, use, failed ?? ((error) => void failures.push(error)));
  return { socket, failures, run };
}

const fault = new Error("a fault of ours");
const faulty = (): never => {
  throw fault;
};

describe("contain", () => {
  it("keeps what is thrown at the first use of a socket", () => {
    expect(contained(faulty).failures).toEqual([fault]);
  });

  it("keeps what a listener throws, also one added later and one that listens once", () => {
    const { socket, failures } = contained((given) => given.on("data", faulty));
    socket.once("end", faulty);
    expect([socket.emit("data"), socket.emit("end"), socket.emit("end")]).toEqual([true, true, false]);
    expect(failures).toEqual([fault, fault]);
  });

  it("keeps an error that nobody listens for", () => {
    const { socket, failures } = contained();
    const reset = new Error("ECONNRESET");
    socket.emit("error", reset);
    expect(failures).toEqual([reset]);
  });

  it("keeps what a further task throws", () => {
    const { failures, run } = contained();
    run(faulty);
    expect(failures).toEqual([fault]);
  });

  it("keeps what the one who is told throws", () => {
    const { socket } = contained((given) => given.on("data", faulty), faulty);
    expect(socket.emit("data")).toBe(true);
  });

  it("hands every argument and the socket itself to listeners, and their answer back", () => {
    const { socket, failures } = contained();
    const calls: unknown[] = [];
    socket.on("data", function (this: unknown, ...args: unknown[]) {
      calls.push(this, ...args);
    });
    expect(socket.emit("data", 1, "two", null)).toBe(true);
    expect(socket.emit("drain")).toBe(false);
    expect(calls).toEqual([socket, 1, "two", null]);
    expect(failures).toEqual([]);
  });
});

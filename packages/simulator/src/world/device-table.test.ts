import { isDeepStrictEqual } from "node:util";
import { describe, expect, it } from "vitest";
import { seededRandom } from "../random.ts";
import { type Device, DeviceTable } from "./device-table.ts";

const device: Device = { topic: "com.example.App", environment: "production", unregisteredAt: undefined };
const numbered = (index: number) => index.toString(16).padStart(64, "0");

describe("DeviceTable", () => {
  it("agrees with a Map, whatever is done to it", () => {
    const random = seededRandom(3);
    const pick = (count: number) => Math.floor(random() * count);
    const table = new DeviceTable();
    const map = new Map<string, Device>();
    // Numbered tokens share most of their words; ones of other lengths live elsewhere.
    const token = () => (pick(10) === 0 ? "ab".repeat(1 + pick(40)) : numbered(pick(4000) * (1 + pick(2) * 0xffff)));
    for (let step = 0; step < 40_000; step++) {
      const key = token();
      if (pick(4) === 0) {
        // An assertion takes longer than what it looks at, so only what differs is asserted.
        if (table.delete(key) !== map.delete(key)) expect.fail(`delete(${key}) differs at step ${step}`);
      } else {
        const value: Device = {
          topic: `topic ${pick(5)}`,
          environment: pick(2) === 0 ? "production" : "development",
          unregisteredAt: pick(2) === 0 ? undefined : pick(2 ** 32) * 1000,
        };
        table.set(key, value);
        map.set(key, value);
      }
      if (step % 5000 === 0) {
        expect(table.size).toBe(map.size);
        expect([...map].filter(([known, value]) => !isDeepStrictEqual(table.get(known), value))).toEqual([]);
      }
    }
  });

  it("gives the room of forgotten tokens to others", () => {
    const before = process.memoryUsage().arrayBuffers;
    const table = new DeviceTable();
    for (let index = 0; index < 200_000; index++) {
      table.set(numbered(index), { ...device, topic: `topic ${index % 7}` });
      if (index >= 100 && !table.delete(numbered(index - 100))) expect.fail(`${index - 100} was not there`);
    }
    expect(table.size).toBe(100);
    for (let index = 199_900; index < 200_000; index++) {
      expect(table.get(numbered(index))).toEqual({ ...device, topic: `topic ${index % 7}` });
    }
    expect(table.get(numbered(199_899))).toBeUndefined();
    // 200,000 of them would take fifteen times as much.
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1_000_000);
  });

  it("takes upper case for lower case", () => {
    const table = new DeviceTable();
    table.set("AB".repeat(32), device);
    table.set("CD".repeat(40), device);
    expect(table.get("ab".repeat(32))).toEqual(device);
    expect(table.get("cd".repeat(40))).toEqual(device);
    expect(table.size).toBe(2);
  });

  it("knows nothing that is not hexadecimal, though its neighbours are known", () => {
    const table = new DeviceTable();
    table.set("0".repeat(64), device);
    for (const character of ["g", "/", ":", "@", "`", " ", "é", "✓", "\u0000"]) {
      expect(table.get("0".repeat(63) + character)).toBeUndefined();
      expect(table.delete(character + "0".repeat(63))).toBe(false);
    }
  });

  it("holds 200,000 tokens in little memory", () => {
    const before = process.memoryUsage().arrayBuffers;
    const table = new DeviceTable();
    for (let index = 0; index < 200_000; index++) table.set(numbered(index), device);
    expect(table.size).toBe(200_000);
    // 67 bytes each, and perhaps the arrays outgrown on the way.
    expect((process.memoryUsage().arrayBuffers - before) / 200_000).toBeLessThan(150);
    expect(table.get(numbered(199_999))).toEqual(device);
    expect(table.get(numbered(200_000))).toBeUndefined();
  });
});

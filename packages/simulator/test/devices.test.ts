// Devices that are connected: what is accepted on either wire arrives there.
import { FakeClock } from "@apns/testkit";
import { describe, expect, it } from "vitest";
import type { ConnectDeviceOptions, DeliveredNotification, Simulator, SimulatorOptions } from "../src/index.ts";
import { enhanced, type Http2Peer, http2, legacy, start } from "./peers.ts";

const barrier = "01 0000ffff 00000000 0000 0000";
const hour = 3_600_000;

interface Ready {
  readonly apple: Simulator;
  readonly clock: FakeClock;
  readonly peer: Http2Peer;
  /** A text to a device token, with these headers. */
  readonly push: (token: string, text: string, headers?: Record<string, string>) => Promise<number>;
}

async function ready(options: SimulatorOptions = {}): Promise<Ready> {
  const clock = new FakeClock(Date.now());
  const apple = await start({ clock, errorLingerMs: 0, ...options });
  const peer = await http2(apple);
  const push: Ready["push"] = async (token, text, headers = {}) =>
    (await peer.push({ token, headers, body: JSON.stringify({ aps: { alert: text } }) })).status;
  return { apple, clock, peer, push };
}

const textOf = ({ payload }: DeliveredNotification): string =>
  (JSON.parse(payload) as { aps: { alert: string } }).aps.alert;
const texts = (entries: Iterable<DeliveredNotification>): string[] => Array.from(entries, textOf);

describe("a connected device", () => {
  it("has a device token of its own, the same for the same seed", async () => {
    const first = (await start({ seed: 5 })).world.connectDevice().deviceToken;
    expect(first).toMatch(/^[0-9a-f]{64}$/);
    expect((await start({ seed: 5 })).world.connectDevice().deviceToken).toBe(first);
    expect((await start({ seed: 6 })).world.connectDevice().deviceToken).not.toBe(first);
  });

  it("receives what either wire brings, with what came along, and nothing that was refused", async () => {
    const { apple, peer } = await ready();
    const told: string[] = [];
    const phone = apple.world.connectDevice({ onNotification: (notification) => told.push(notification.wire) });
    expect(apple.world.connectedDevices).toEqual([phone]);
    const headers = { "apns-priority": "10", "apns-collapse-id": "score", "apns-expiration": "0" };
    const { headers: answered } = await peer.push({ token: phone.deviceToken.toUpperCase(), headers });
    await peer.push({ token: phone.deviceToken, body: "" });
    await peer.push({ token: "ab".repeat(32) });
    const old = await legacy(apple);
    old.send(enhanced(7, phone.deviceToken, '{"aps":{"alert":"old"}}') + barrier);
    await old.ended;
    const at = { receivedAt: expect.any(Number), deliveredAt: expect.any(Number), stored: false };
    expect(await phone.next()).toEqual({
      wire: "http2",
      deviceToken: phone.deviceToken,
      topic: "com.example.App",
      pushType: "alert",
      payload: '{"aps":{"alert":"Hi"}}',
      apnsId: answered["apns-id"],
      collapseId: "score",
      priority: 10,
      expiration: 0,
      ...at,
    });
    expect(await phone.next()).toEqual({
      wire: "binary",
      deviceToken: phone.deviceToken,
      topic: "com.example.App",
      payload: '{"aps":{"alert":"old"}}',
      identifier: 7,
      priority: 10,
      expiration: 0x6553f100,
      ...at,
    });
    expect(told).toEqual(["http2", "binary"]);
    expect(phone.delivered.length).toBe(2);
  });

  it("is read by `for await` until it is disconnected; its device token stays registered", async () => {
    const { apple, push } = await ready();
    const phone = apple.world.connectDevice();
    await push(phone.deviceToken, "one");
    const read: string[] = [];
    const reading = (async () => {
      for await (const notification of phone) read.push(textOf(notification));
    })();
    await push(phone.deviceToken, "two");
    phone.disconnect();
    await reading;
    expect(await push(phone.deviceToken, "three")).toBe(200);
    expect(read).toEqual(["one", "two"]);
    expect(await phone.next()).toBeUndefined();
    expect(apple.world.connectedDevices).toEqual([]);
    expect(() => phone.register()).toThrow("is disconnected");
  });

  it("ends with the simulator", async () => {
    const { apple } = await ready();
    const next = apple.world.connectDevice().next();
    await apple.close();
    expect(await next).toBeUndefined();
  });

  it("can have several apps and topics, each with a device token", async () => {
    const { apple, peer } = await ready();
    apple.world.addApp({ bundleId: "com.example.Second", teamId: apple.credentials.teamId });
    const phone = apple.world.connectDevice();
    const second = phone.register({ topic: "com.example.Second" });
    const voip = phone.register({ topic: "com.example.App.voip" });
    expect(phone.apps.map(({ bundleId }) => bundleId)).toEqual([
      "com.example.App",
      "com.example.Second",
      "com.example.App",
    ]);
    await peer.push({ token: second, headers: { "apns-topic": "com.example.Second" } });
    await peer.push({ token: voip, headers: { "apns-topic": "com.example.App.voip", "apns-push-type": "voip" } });
    expect((await peer.push({ token: second })).reason).toBe("DeviceTokenNotForTopic");
    expect(Array.from(phone.delivered, ({ deviceToken }) => deviceToken)).toEqual([second, voip]);
  });

  it.each<[string, ConnectDeviceOptions]>([
    ["topic", { topic: "com.example.Unknown" }],
    ["deviceToken", { deviceToken: "xyz" }],
    ["batchMs", { batchMs: -1 }],
    ["maxDelivered", { maxDelivered: 0 }],
  ])("is refused with a wrong %s", async (field, options) => {
    const { world } = await start();
    expect(() => world.connectDevice(options)).toThrow(expect.objectContaining({ field }));
    expect(world.connectedDevices).toEqual([]);
  });

  it("can have a thousand apps and topics, and no more", async () => {
    const { world } = await start();
    const phone = world.connectDevice();
    for (let index = 1; index < 1000; index++) phone.register();
    expect(() => phone.register()).toThrow(expect.objectContaining({ field: "topic" }));
    phone.uninstall();
    expect(phone.register()).toBe(phone.deviceToken);
  });

  it("is refused with a device token that another one has", async () => {
    const { world } = await start();
    const { deviceToken } = world.connectDevice();
    expect(() => world.connectDevice({ deviceToken })).toThrow("connected already");
  });
});

describe("a device that is offline", () => {
  it("comes back to the newest notification of each app, and to no other", async () => {
    const { apple, push, peer } = await ready();
    apple.world.addApp({ bundleId: "com.example.Second", teamId: apple.credentials.teamId });
    const phone = apple.world.connectDevice();
    const second = phone.register({ topic: "com.example.Second" });
    phone.goOffline();
    for (const text of ["one", "two", "three"]) expect(await push(phone.deviceToken, text)).toBe(200);
    const old = await legacy(apple);
    old.send(enhanced(1, phone.deviceToken, '{"aps":{"alert":"four"}}').replace("6553f100", "7fffffff") + barrier);
    await old.ended;
    await peer.push({
      token: second,
      headers: { "apns-topic": "com.example.Second" },
      body: '{"aps":{"alert":"other"}}',
    });
    expect([phone.online, phone.waiting, phone.delivered.length]).toEqual([false, 2, 0]);
    phone.comeOnline();
    expect(texts(phone.delivered)).toEqual(["four", "other"]);
    expect(Array.from(phone.delivered, ({ stored }) => stored)).toEqual([true, true]);
    expect(phone.dropped).toEqual({ notStored: 0, replaced: 3, expired: 0, uninstalled: 0, lost: 0 });
    phone.comeOnline();
    expect(phone.delivered.length).toBe(2);
  });

  it("does not get what asks for a single attempt", async () => {
    const { apple, push } = await ready();
    const phone = apple.world.connectDevice({ online: false });
    await push(phone.deviceToken, "kept");
    await push(phone.deviceToken, "now or never", { "apns-expiration": "0" });
    phone.comeOnline();
    expect(texts(phone.delivered)).toEqual(["kept"]);
    expect(phone.dropped.notStored).toBe(1);
  });

  it("does not get what has expired meanwhile, by its own time or Apple's thirty days", async () => {
    const { apple, push, clock } = await ready();
    const soon = { "apns-expiration": String(Math.floor(clock.now() / 1000) + 3600) };
    const endless = { "apns-expiration": "99999999999" };
    const [inTime, tooLate, late] = [1, 2, 3].map(() => apple.world.connectDevice({ online: false }));
    await push(inTime!.deviceToken, "soon", soon);
    await push(tooLate!.deviceToken, "soon", soon);
    await push(late!.deviceToken, "endless", endless);
    clock.advance(hour - 2000);
    inTime!.comeOnline();
    clock.advance(4000);
    tooLate!.comeOnline();
    clock.advance(30 * 24 * hour);
    late!.comeOnline();
    expect([inTime, tooLate, late].map((phone) => [phone!.delivered.length, phone!.dropped.expired])).toEqual([
      [1, 0],
      [0, 1],
      [0, 1],
    ]);
  });
});

describe("alerts with a collapse id", () => {
  it("take the place of the one shown before", async () => {
    const { apple, push, peer } = await ready();
    const phone = apple.world.connectDevice();
    for (const text of ["0:0", "1:0"]) await push(phone.deviceToken, text, { "apns-collapse-id": "score" });
    await push(phone.deviceToken, "weather");
    await push(phone.deviceToken, "2:0", { "apns-collapse-id": "score" });
    await peer.push({ token: phone.deviceToken, headers: { "apns-push-type": "background", "apns-priority": "5" } });
    expect(phone.delivered.length).toBe(5);
    expect(texts(phone.shown)).toEqual(["weather", "2:0"]);
    expect(phone.dropped.replaced).toBe(2);
  });
});

describe("notifications of priority 5 and 1", () => {
  it("are held back and arrive together, only the newest of a collapse id", async () => {
    const { apple, push, clock } = await ready();
    const phone = apple.world.connectDevice({ batchMs: hour });
    await push(phone.deviceToken, "a", { "apns-priority": "5", "apns-collapse-id": "x" });
    await push(phone.deviceToken, "b", { "apns-priority": "1" });
    await push(phone.deviceToken, "c", { "apns-priority": "5", "apns-collapse-id": "x" });
    clock.advance(hour - 1);
    expect(phone.delivered.length).toBe(0);
    clock.advance(1);
    expect(texts(phone.delivered)).toEqual(["b", "c"]);
    expect(phone.dropped.replaced).toBe(1);
  });

  it("come along with one of priority 10", async () => {
    const { apple, push } = await ready();
    const phone = apple.world.connectDevice({ batchMs: hour });
    await push(phone.deviceToken, "a", { "apns-priority": "5" });
    await push(phone.deviceToken, "b");
    expect(texts(phone.delivered)).toEqual(["a", "b"]);
  });

  it("are stored like others if the device goes offline before", async () => {
    const { apple, push } = await ready();
    const phone = apple.world.connectDevice({ batchMs: hour });
    for (const text of ["a", "b"]) await push(phone.deviceToken, text, { "apns-priority": "5" });
    phone.goOffline();
    phone.goOffline();
    phone.comeOnline();
    expect(texts(phone.delivered)).toEqual(["b"]);
  });
});

describe("an app that is removed", () => {
  it("is a 410 over HTTP/2, and a feedback tuple after success over the legacy wire", async () => {
    const { apple, peer, clock } = await ready();
    const phone = apple.world.connectDevice();
    const { deviceToken } = phone;
    phone.goOffline();
    await peer.push({ token: deviceToken });
    phone.uninstall();
    expect((await peer.push({ token: deviceToken })).body).toBe(
      JSON.stringify({ reason: "Unregistered", timestamp: clock.now() }),
    );
    const old = await legacy(apple);
    old.send(enhanced(1, deviceToken) + barrier);
    expect(await old.ended).toBe("08020000ffff");
    const at = Math.floor(clock.now() / 1000)
      .toString(16)
      .padStart(8, "0");
    expect(await (await legacy(apple, { service: "feedback" })).ended).toBe(`${at}0020${deviceToken}`);
    phone.comeOnline();
    expect([phone.apps, phone.delivered.length]).toEqual([[], 0]);
  });

  it("is noticed with the next notification, if told so, which is accepted still", async () => {
    const { apple, push, clock } = await ready();
    const phone = apple.world.connectDevice();
    const { deviceToken } = phone;
    phone.uninstall({ noticed: "nextPush" });
    expect([await push(deviceToken, "one"), await push(deviceToken, "two")]).toEqual([200, 410]);
    expect(phone.delivered.length).toBe(0);
    expect(phone.dropped.uninstalled).toBe(1);
    expect(apple.world.feedback.take("com.example.App")).toEqual([
      { deviceToken, unregisteredAt: new Date(clock.now()) },
    ]);
  });

  it("gets another device token when it is installed again, and leaves the other apps alone", async () => {
    const { apple, push, peer } = await ready();
    apple.world.addApp({ bundleId: "com.example.Second", teamId: apple.credentials.teamId });
    const phone = apple.world.connectDevice();
    const second = phone.register({ topic: "com.example.Second" });
    const before = phone.deviceToken;
    phone.uninstall({ bundleId: "com.example.App" });
    expect(phone.deviceToken).toBe(before);
    const after = phone.register();
    expect(phone.deviceToken).toBe(after);
    expect(after).not.toBe(before);
    expect([await push(before, "x"), await push(after, "y")]).toEqual([410, 200]);
    await peer.push({ token: second, headers: { "apns-topic": "com.example.Second" }, body: '{"aps":{"alert":"z"}}' });
    expect(texts(phone.delivered)).toEqual(["y", "z"]);
  });
});

describe("broadcasts", () => {
  async function live() {
    const all = await ready();
    const { apple, peer } = all;
    const broadcast = (channelId: string, text: string, expiration = "0") =>
      peer.ask(
        "POST",
        "/4/broadcasts/apps/com.example.App",
        { "apns-channel-id": channelId, "apns-push-type": "liveactivity", "apns-expiration": expiration },
        JSON.stringify({ aps: { alert: text } }),
      );
    return { ...all, channels: apple.world.channels, broadcast };
  }

  it("arrive at every device that listens, until it does not any more", async () => {
    const { apple, channels, broadcast } = await live();
    const { channelId } = channels.create("com.example.App");
    const [first, second, third] = [1, 2, 3].map(() => apple.world.connectDevice());
    first!.subscribe(channelId);
    second!.subscribe(channelId);
    expect((await broadcast(channelId, "1:0")).status).toBe(200);
    second!.unsubscribe(channelId);
    await broadcast(channelId, "2:0");
    first!.uninstall();
    await broadcast(channelId, "3:0");
    expect([first, second, third].map((device) => texts(device!.delivered))).toEqual([["1:0", "2:0"], ["1:0"], []]);
    expect(first!.delivered.at(0)).toMatchObject({ channelId, deviceToken: first!.deviceToken });
  });

  it("wait for a device that is offline if the channel keeps them, for eight hours at most", async () => {
    const { apple, channels, broadcast, clock } = await live();
    const keeping = channels.create("com.example.App").channelId;
    const forgetting = channels.create("com.example.App", "none").channelId;
    const later = String(Math.floor(clock.now() / 1000) + 24 * 3600);
    const phone = apple.world.connectDevice({ online: false });
    for (const channelId of [keeping, forgetting]) phone.subscribe(channelId);
    await broadcast(keeping, "1:0", later);
    await broadcast(keeping, "2:0", later);
    await broadcast(forgetting, "3:0");
    clock.advance(8 * hour - 1000);
    phone.comeOnline();
    expect(texts(phone.delivered)).toEqual(["2:0"]);
    expect(phone.dropped).toMatchObject({ notStored: 1, replaced: 1 });
    phone.goOffline();
    clock.advance(-8 * hour);
    await broadcast(keeping, "4:0", later);
    clock.advance(8 * hour + 1000);
    phone.comeOnline();
    expect(phone.dropped.expired).toBe(1);
  });

  it("cannot be listened to without the app or the channel", async () => {
    const { apple, channels } = await live();
    const { channelId } = channels.create("com.example.App");
    const phone = apple.world.connectDevice();
    expect(() => phone.subscribe("AAAA")).toThrow(expect.objectContaining({ field: "channelId" }));
    phone.uninstall();
    expect(() => phone.subscribe(channelId)).toThrow(expect.objectContaining({ field: "bundleId" }));
  });
});

// Devices in processes of their own: over WebSocket, by ws.
import { once } from "node:events";
import { describe, expect, it, onTestFinished } from "vitest";
import { WebSocket } from "ws";
import type { ControlServer } from "../src/control/index.ts";
import { ready } from "./control-peers.ts";
import { deviceToken, http2, until } from "./peers.ts";

describe("a device over WebSocket", () => {
  interface Phone {
    readonly socket: WebSocket;
    readonly messages: Record<string, unknown>[];
    readonly next: (type: string) => Promise<Record<string, unknown>>;
    readonly say: (command: object | string) => void;
  }

  async function connect(control: ControlServer, query = ""): Promise<Phone> {
    const socket = new WebSocket(`${control.url.replace("http", "ws")}/v1/devices/connect${query}`);
    onTestFinished(() => socket.terminate());
    const messages: Record<string, unknown>[] = [];
    socket.on("message", (data) => messages.push(JSON.parse(String(data))));
    await once(socket, "open");
    const next: Phone["next"] = async (type) => {
      await until(() => messages.some((message) => message["type"] === type));
      const index = messages.findIndex((message) => message["type"] === type);
      return messages.splice(index, 1)[0]!;
    };
    const say: Phone["say"] = (command) => socket.send(typeof command === "string" ? command : JSON.stringify(command));
    return { socket, messages, next, say };
  }

  it("registers, receives, goes offline, comes back, removes the app", async () => {
    const { apple, control, ask } = await ready();
    const phone = await connect(control);
    const registered = await phone.next("registered");
    expect(registered).toEqual({ type: "registered", bundleId: "com.example.App", deviceToken: expect.any(String) });
    const token = registered["deviceToken"] as string;
    const peer = await http2(apple);
    await peer.push({ token, body: "1" });
    expect(await phone.next("notification")).toMatchObject({
      notification: { wire: "http2", payload: "1", deviceToken: token, stored: false, topic: "com.example.App" },
    });
    phone.say({ type: "goOffline" });
    expect(await phone.next("done")).toEqual({ type: "done", command: "goOffline" });
    for (const body of ["2", "3"]) await peer.push({ token, body });
    expect((await ask("GET", "/v1/devices")).body.devices).toEqual([
      {
        apps: [{ bundleId: "com.example.App", deviceToken: token }],
        online: false,
        waiting: 1,
        delivered: 1,
        dropped: { notStored: 0, replaced: 1, expired: 0, uninstalled: 0, lost: 0 },
      },
    ]);
    phone.say({ type: "comeOnline" });
    expect(await phone.next("notification")).toMatchObject({ notification: { payload: "3", stored: true } });
    expect((await ask("GET", "/v1/devices")).body.devices[0].delivered).toBe(2);
    phone.say({ type: "uninstall" });
    await phone.next("done");
    await until(async () => (await peer.push({ token })).status === 410);
    phone.socket.close();
    await until(() => apple.world.connectedDevices.length === 0);
  });

  it("can have further topics, listen to channels, and be given a device token", async () => {
    const { apple, control } = await ready();
    const phone = await connect(control, `?deviceToken=${deviceToken}&batchMs=0&offline=true&environment=production`);
    expect(await phone.next("registered")).toMatchObject({ deviceToken });
    expect(apple.world.connectedDevices[0]?.online).toBe(false);
    phone.say({ type: "comeOnline" });
    phone.say({ type: "register", topic: "com.example.App.voip" });
    expect(await phone.next("registered")).toMatchObject({ bundleId: "com.example.App" });
    const { channelId } = apple.world.channels.create("com.example.App");
    phone.say({ type: "subscribe", channelId });
    await until(() => phone.messages.filter(({ type }) => type === "done").length === 3);
    const headers = { "apns-channel-id": channelId, "apns-push-type": "liveactivity", "apns-expiration": "0" };
    const peer = await http2(apple);
    await peer.ask("POST", "/4/broadcasts/apps/com.example.App", headers, "{}");
    expect(await phone.next("notification")).toMatchObject({ notification: { channelId } });
    phone.say({ type: "unsubscribe", channelId });
    await until(() => phone.messages.some(({ command }) => command === "unsubscribe"));
  });

  it.each([
    ["{", undefined],
    ["null", "type"],
    ['{"type":"explode"}', "type"],
    ['{"type":"subscribe"}', "subscribe.channelId"],
    ['{"type":"subscribe","channelId":"AAAA"}', "channelId"],
    ['{"type":"uninstall","noticed":"never"}', "uninstall.noticed"],
    ['{"type":"goOffline","now":true}', "goOffline.now"],
  ])("is told what is wrong with %s", async (command, field) => {
    const { control } = await ready();
    const phone = await connect(control);
    phone.say(command);
    expect(await phone.next("error")).toMatchObject({
      error: { code: "ERR_APNS_INVALID_ARGUMENT", ...(field === undefined ? {} : { field }) },
    });
  });

  it("is turned away when it cannot be registered", async () => {
    const { control } = await ready({ maxDevices: 1 });
    const first = await connect(control, "?topic=com.example.Unknown");
    expect(await first.next("error")).toMatchObject({ error: { field: "topic" } });
    const [code] = await once(first.socket, "close");
    expect(code).toBe(1008);
    await connect(control);
    const third = await connect(control);
    const [busy] = await once(third.socket, "close");
    expect(busy).toBe(1013);
  });

  it("is turned away without a handshake if its query is wrong", async () => {
    const { control } = await ready();
    const socket = new WebSocket(`${control.url.replace("http", "ws")}/v1/devices/connect?deviceToken=xyz`);
    const [error] = await once(socket, "error");
    expect((error as Error).message).toContain("400");
  });
});

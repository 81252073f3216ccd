// The same seed under a clock that stands still: the same log, with the same ids and instants.
import { FakeClock } from "@apns/testkit";
import { expect, it } from "vitest";
import { deviceToken, enhanced, http2, legacy, start } from "./peers.ts";

async function story(seed: number): Promise<unknown> {
  const clock = new FakeClock();
  // Delays run by the machine's clock here: whoever waits for an answer cannot turn one on meanwhile.
  const still = { now: () => clock.now() };
  const apple = await start({ seed, clock: still, environment: "development", errorLingerMs: 0 });
  apple.faults.add({ type: "reject", reason: "ServiceUnavailable", share: 0.2 });
  apple.faults.add({ type: "delay", ms: 0, jitterMs: 5, share: 0.5 });
  const phones = Array.from({ length: 5 }, () => apple.world.connectDevice());
  const { channelId } = apple.world.channels.create("com.example.App");
  for (const phone of phones) phone.subscribe(channelId);
  const peer = await http2(apple, apple.credentials.tls);
  const answered: unknown[] = [];
  for (let index = 0; index < 40; index++) {
    clock.advance(1000);
    if (index === 20) phones[0]!.goOffline();
    if (index === 30) phones[0]!.comeOnline();
    const { status, headers } = await peer.push({ token: phones[index % 5]!.deviceToken, body: String(index) });
    answered.push([status, headers["apns-id"], headers["apns-unique-id"]]);
  }
  const channel = { "apns-channel-id": channelId, "apns-push-type": "liveactivity", "apns-expiration": "0" };
  const broadcast = await peer.ask("POST", "/4/broadcasts/apps/com.example.App", channel, "{}");
  answered.push([broadcast.status, broadcast.headers["apns-request-id"]]);
  const old = await legacy(apple);
  old.send(`${enhanced(1, phones[1]!.deviceToken)}01 0000ffff 00000000 0000 0000`);
  answered.push(await old.ended);
  return { answered, received: [...apple.received], delivered: phones.map(({ delivered }) => [...delivered]) };
}

it("the same seed gives the same run, another seed another one", async () => {
  const [first, again, other] = [await story(3), await story(3), await story(4)];
  expect(again).toEqual(first);
  expect(other).not.toEqual(first);
});

it("which notifications a fault strikes depends on nothing else that happens", async () => {
  const faults = async (crowd: boolean): Promise<number[]> => {
    const apple = await start({ seed: 5 });
    apple.world.register(deviceToken);
    const peer = await http2(apple);
    const other = await http2(apple);
    const fault = apple.faults.add({ type: "reject", reason: "ServiceUnavailable", share: 0.3 });
    if (crowd) apple.faults.add({ type: "delay", ms: 0, share: 0.5 });
    const statuses = [];
    for (let index = 0; index < 50; index++) {
      statuses.push((await peer.push()).status);
      if (crowd) await other.push();
    }
    expect(fault.fired).toBeGreaterThan(5);
    return statuses;
  };
  expect(await faults(true)).toEqual(await faults(false));
});

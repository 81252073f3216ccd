import { expect, test } from "vitest";
import { apple, bridgeFor, connectTo, frame, tokenOf, transportTo, until } from "./support.ts";

const tokens = (count: number): string[] => Array.from({ length: count }, (_, index) => tokenOf(index));

for (const command of [0, 1, 2] as const) {
  test(`carries command ${command} upstream, in silence`, async () => {
    const simulator = await apple();
    simulator.world.register(tokens(20));
    const { bridge } = await bridgeFor({ transport: transportTo(simulator) });
    const sender = await connectTo(bridge.ports.gateway[0]!);
    sender.write(...tokens(20).map((token, index) => frame({ command, identifier: index, token })));
    expect(await sender.finish()).toBe("");
    await until(() => simulator.received.length === 20);
    expect([...simulator.received].map(({ deviceToken }) => deviceToken)).toEqual(tokens(20));
    expect(simulator.received.at(0)).toMatchObject({ topic: "com.example.App", pushType: "alert", priority: 10 });
  });
}

test("names the bad one, and takes the resend of the rest, each exactly once", async () => {
  const simulator = await apple();
  const all = tokens(50);
  simulator.world.register(all.filter((_, index) => index !== 20));
  const { bridge } = await bridgeFor({ transport: transportTo(simulator) });
  const frames = all.map((token, index) => frame({ identifier: index + 100, token }));
  const first = await connectTo(bridge.ports.gateway[0]!);
  first.write(...frames);
  expect(await first.ended).toBe(`0808${(120).toString(16).padStart(8, "0")}`);
  const second = await connectTo(bridge.ports.gateway[0]!);
  second.write(...frames.slice(21));
  expect(await second.finish()).toBe("");
  await until(() => bridge.stats().undecided === 0);
  const accepted = [...simulator.received].filter(({ verdict }) => verdict.kind === "accepted");
  expect(accepted.map(({ deviceToken }) => deviceToken).sort()).toEqual(all.filter((_, index) => index !== 20));
});

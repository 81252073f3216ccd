import { readdirSync, readFileSync } from "node:fs";
import { BinaryTransport } from "@apns/binary";
import { pushTypes } from "@apns/core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { examples } from "../src/examples.js";
import { deviceToken, Stage } from "../src/stage.js";

/** What must come out at Apple's end. Numbers that follow the clock are checked apart. */
interface Arrival {
  readonly pushType: string;
  readonly topic: string;
  readonly priority?: number;
  readonly expiration?: number;
  readonly collapseId?: string;
  readonly payload: object;
}

const app = "com.example.App";
const clock = expect.any(Number);

const arrivals: Readonly<Record<string, Arrival>> = {
  alert: {
    pushType: "alert",
    topic: app,
    collapseId: "order-7",
    expiration: 4_102_488_000,
    payload: {
      aps: {
        alert: { title: "Pizzeria Ada", subtitle: "Order 7", body: "Your pizza is ready" },
        sound: "default",
        badge: 1,
        "thread-id": "order-7",
        "interruption-level": "time-sensitive",
        "relevance-score": 0.8,
      },
      order: 7,
      link: "https://example.com/orders/7",
    },
  },
  "long-text": {
    pushType: "alert",
    topic: app,
    payload: {
      aps: { alert: { title: "News", body: expect.stringMatching(/^(People of Ada's Pizzeria 👩‍🍳👨‍🍳 tell.*)…$/s) } },
      article: 4711,
    },
  },
  verbatim: { pushType: "alert", topic: app, payload: { aps: { alert: "Kept as it was" } } },
  background: {
    pushType: "background",
    topic: app,
    priority: 5,
    payload: { aps: { "content-available": 1 }, menuVersion: 12 },
  },
  location: {
    pushType: "location",
    topic: `${app}.location-query`,
    priority: 10,
    payload: { aps: {}, askedBy: "courier 3" },
  },
  voip: {
    pushType: "voip",
    topic: `${app}.voip`,
    expiration: 0,
    payload: { aps: {}, callId: "6f2c", caller: "Ada" },
  },
  complication: {
    pushType: "complication",
    topic: `${app}.complication`,
    payload: { aps: {}, ordersToday: 128 },
  },
  "file-provider": {
    pushType: "fileprovider",
    topic: `${app}.pushkit.fileprovider`,
    payload: { "container-identifier": "NSFileProviderWorkingSetContainerItemIdentifier", domain: "recipes" },
  },
  mdm: {
    pushType: "mdm",
    topic: "com.apple.mgmt.External.3d2f7c1e-9d0b-4b53-9c39-2f5f3f0a6f11",
    payload: { mdm: "6E4D6C05-4AE2-4F0C-8D58-0A0B7C9E8F33" },
  },
  "live-activity-start": {
    pushType: "liveactivity",
    topic: `${app}.push-type.liveactivity`,
    priority: 10,
    payload: {
      aps: {
        event: "start",
        timestamp: clock,
        "attributes-type": "PizzaAttributes",
        attributes: { order: 7 },
        "content-state": { stage: "baking", minutesLeft: 25 },
        alert: { title: "Order 7", body: "Your pizza is in the oven", sound: "default" },
        "input-push-token": 1,
      },
    },
  },
  "live-activity-update": {
    pushType: "liveactivity",
    topic: `${app}.push-type.liveactivity`,
    priority: 5,
    payload: {
      aps: {
        event: "update",
        timestamp: clock,
        "content-state": { stage: "on its way", minutesLeft: 9 },
        "stale-date": clock,
        "relevance-score": 75,
      },
    },
  },
  "live-activity-end": {
    pushType: "liveactivity",
    topic: `${app}.push-type.liveactivity`,
    payload: {
      aps: {
        event: "end",
        timestamp: clock,
        "content-state": { stage: "delivered", minutesLeft: 0 },
        alert: { title: "Order 7", body: { "loc-key": "DELIVERED_BY", "loc-args": ["Grace"] } },
        "dismissal-date": clock,
      },
    },
  },
  "push-to-talk": {
    pushType: "pushtotalk",
    topic: `${app}.voip-ptt`,
    priority: 10,
    expiration: 0,
    payload: { aps: {}, activeSpeaker: "Ada" },
  },
  widgets: { pushType: "widgets", topic: `${app}.push-type.widgets`, payload: { aps: { "content-changed": true } } },
  controls: {
    pushType: "controls",
    topic: `${app}.push-type.controls`,
    priority: 10,
    expiration: 0,
    payload: { aps: { "content-changed": true } },
  },
};
const names = Object.keys(examples);

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.open();
});
afterAll(() => stage?.close());

describe("the example", () => {
  test.each(names)("%s is accepted, and arrives with its headers and payload", async (name) => {
    stage.apple.received.clear();
    expect(await stage.play(name)).toMatchObject({ kind: "accepted", attempts: 1 });
    expect(stage.apple.received.length).toBe(1);
    const { pushType, topic, priority, expiration, collapseId, payload, verdict } = stage.apple.received.at(0)!;
    expect(verdict.kind).toBe("accepted");
    const { payload: expectedPayload, ...expectedHeaders } = arrivals[name]!;
    const absent = { priority: undefined, expiration: undefined, collapseId: undefined };
    expect({ pushType, topic, priority, expiration, collapseId }).toEqual({ ...absent, ...expectedHeaders });
    expect(JSON.parse(payload)).toEqual(expectedPayload);
  });

  test.each(["live-activity-start", "live-activity-update", "live-activity-end"])(
    "%s tells the time in UNIX seconds",
    async (name) => {
      const before = Math.floor(Date.now() / 1000);
      await stage.play(name);
      const { aps } = JSON.parse(stage.apple.received.at(-1)!.payload);
      const after = Date.now() / 1000;
      const lead = { timestamp: 0, "stale-date": 15 * 60, "dismissal-date": 60 };
      for (const [key, seconds] of Object.entries(lead)) {
        if (aps[key] === undefined) continue;
        expect(aps[key]).toBeGreaterThanOrEqual(before + seconds);
        expect(aps[key]).toBeLessThanOrEqual(after + seconds);
      }
    },
  );

  test("long-text fills the legacy wire's limit, up to less than a character", async () => {
    await stage.play("long-text");
    const size = Buffer.byteLength(stage.apple.received.at(-1)!.payload);
    expect(size).toBeLessThanOrEqual(2048);
    expect(size).toBeGreaterThan(2048 - 11);
  });

  test.each(["alert", "background", "long-text"] as const)(
    "%s works over the legacy wire just as well",
    async (name) => {
      const { gateway, credentials } = stage.apple;
      const transport = new BinaryTransport({
        environment: gateway,
        auth: { type: "certificate", ...credentials.tls },
      });
      try {
        const sending = examples[name]!(transport, deviceToken);
        await transport.flush();
        expect(await sending).toMatchObject({ kind: "accepted", deviceToken });
      } finally {
        await transport.close();
      }
      const arrived = stage.apple.received.for(deviceToken).at(-1)!;
      expect(arrived.wire).toBe("binary");
      expect(JSON.parse(arrived.payload)).toEqual(arrivals[name]!.payload);
    },
  );
});

describe("the examples", () => {
  test("cover every push type", () => {
    const covered = new Set(Object.values(arrivals).map(({ pushType }) => pushType));
    expect([...covered].sort()).toEqual(Object.keys(pushTypes).sort());
  });

  test("are all in the README", () => {
    const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
    const files = readdirSync(new URL("../src/notifications", import.meta.url));
    const linked = [...readme.matchAll(/\(src\/notifications\/([\w-]+\.ts)\)/g)].map(([, file]) => file);
    expect(linked.sort()).toEqual(files.sort());
  });
});

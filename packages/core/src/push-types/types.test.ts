// What the compiler allows and forbids. `pnpm typecheck` is the judge: an error expected here that does not come fails it.
import { expectTypeOf, test } from "vitest";
import {
  type AlertOptions,
  alert,
  background,
  type CustomKeys,
  controls,
  fileProvider,
  type JsonValue,
  liveActivity,
  location,
  mdm,
  type Notification,
  pushToTalk,
  type Truncation,
  voip,
  widgets,
} from "../index.js";

// An interface, as senders have them: it has no index signature.
interface Order {
  readonly order: number;
  readonly items: readonly { readonly name: string; readonly note?: string }[];
}
interface Delivery {
  readonly stage: "baking" | "on its way" | "there";
  readonly minutes: number;
}
interface Pizza {
  readonly name: string;
}

const order: Order = { order: 7, items: [{ name: "Margherita" }] };
const delivery: Delivery = { stage: "baking", minutes: 12 };
const pizza: Pizza = { name: "Margherita" };
const fromElsewhere: Record<string, unknown> = JSON.parse('{"order":7}');
const ofTexts: Record<string, string> = { table: "7" };
const anyJson: JsonValue = [1, { deep: [null] }];
/** A function of the sender's own, generic in turn. */
const alertWith = <Custom extends object>(custom: CustomKeys<Custom>) => alert<Custom>({ aps: {}, custom });
const alerting = { title: "Your pizza", body: "It is on its way." };

/** Compiled and never run: the calls may lack what they need. */
function compiled(..._calls: (() => unknown)[]): void {}

test("correct calls compile, with inferred types", () => {
  expectTypeOf(alert).returns.toEqualTypeOf<Notification>();
  expectTypeOf<Notification["truncated"]>().toEqualTypeOf<readonly Truncation[]>();
  expectTypeOf<NonNullable<AlertOptions<Order>["custom"]>["order"]>().toEqualTypeOf<number>();
  expectTypeOf(liveActivity.start<Pizza, Delivery>)
    .parameter(0)
    .toHaveProperty("aps");
  compiled(
    () => alert({ aps: { alert: "Hi" }, custom: order }),
    () => alert<Order>({ aps: { alert: "Hi" }, custom: order }),
    () => alert({ aps: { alert: "Hi" }, custom: { nested: { list: [1, "a", null, true] } } }),
    () => alert({ aps: {}, custom: fromElsewhere }),
    () => alert({ aps: {}, custom: ofTexts }),
    () => alert({ aps: {}, custom: { any: anyJson } }),
    () => alertWith({ order: 7 }),
    () => alert({ aps: {}, fit: "truncate", payloadLimit: "binary", priority: 1 }),
    () => alert({ aps: {}, fit: { truncate: ["text"] }, payloadLimit: 256 }),
    () => background({ custom: order, priority: 5 }),
    () => voip({ aps: { alert: { any: "thing" } } }),
    () => pushToTalk({ custom: { activeSpeaker: "Ada" } }),
    () =>
      liveActivity.start({
        priority: 10,
        aps: {
          event: "start",
          "attributes-type": "Pizza",
          attributes: pizza,
          "content-state": delivery,
          alert: alerting,
          "input-push-token": 1,
        },
      }),
    () =>
      liveActivity.start<Pizza, Delivery>({
        aps: {
          "attributes-type": "Pizza",
          attributes: { name: "Margherita" },
          "content-state": { stage: "baking", minutes: 12 },
          alert: { title: { "loc-key": "A" }, body: { "loc-key": "B", "loc-args": ["7"] }, sound: "default" },
          "input-push-channel": "dHN0LXNyY2gtY2hubA==",
        },
      }),
    () => liveActivity.update<Delivery>({ aps: { "content-state": { stage: "there", minutes: 0 } } }),
    () => liveActivity.end({ aps: { "dismissal-date": new Date(), "content-state": delivery } }),
    () => liveActivity.end({ aps: {} }),
  );
});

test("an alert", () => {
  compiled(
    // @ts-expect-error Apple spells it with a hyphen
    () => alert({ aps: { threadId: "t" } }),
    // @ts-expect-error only 1, 5 and 10 exist
    () => alert({ aps: {}, priority: 3 }),
    // @ts-expect-error there is no such level
    () => alert({ aps: { "interruption-level": "loud" } }),
    // @ts-expect-error a badge is a number
    () => alert({ aps: { badge: "1" } }),
    // @ts-expect-error aps is needed
    () => alert({ custom: order }),
    // @ts-expect-error the wire decides the size, and there are two
    () => alert({ aps: {}, payloadLimit: "http3" }),
  );
});

test("custom keys", () => {
  compiled(
    // @ts-expect-error Apple's dictionary is not one of them
    () => alert({ aps: {}, custom: { aps: {} } }),
    // @ts-expect-error JSON has no functions
    () => alert({ aps: {}, custom: { call: () => 1 } }),
    // @ts-expect-error JSON has no big integers
    () => alert({ aps: {}, custom: { id: 1n } }),
    () => alert({ aps: {}, custom: { at: new Date(), nested: [{ at: new Date() }] } }),
    // @ts-expect-error what it is written as is no JSON
    () => alert({ aps: {}, custom: { at: { toJSON: () => 1n } } }),
    // @ts-expect-error nor maps: it would write an empty object
    () => alert({ aps: {}, custom: { prices: new Map([["a", 1]]) } }),
    // @ts-expect-error not the type that was named
    () => alert<Order>({ aps: {}, custom: { order: "7", items: [] } }),
    // @ts-expect-error a key the type does not have
    () => alert<Pizza>({ aps: {}, custom: { name: "a", size: 1 } }),
  );
});

test("a background notification is neither seen nor heard, and has priority 5", () => {
  const loud = { "content-available": 1, sound: "default" } as const;
  compiled(
    // @ts-expect-error no alert
    () => background({ aps: { "content-available": 1, alert: "Hi" } }),
    // @ts-expect-error no badge
    () => background({ aps: { "content-available": 1, badge: 1 } }),
    // @ts-expect-error no sound, however it is smuggled in
    () => background({ aps: loud }),
    // @ts-expect-error without it the device does nothing
    () => background({ aps: {} }),
    // @ts-expect-error Apple calls 10 an error
    () => background({ priority: 10 }),
    // @ts-expect-error nor 1
    () => background({ priority: 1 }),
  );
});

test("pushes that show nothing have no aps option", () => {
  compiled(
    // @ts-expect-error the system shows nothing of it
    () => pushToTalk({ aps: { alert: { body: "Ada speaks" } } }),
    // @ts-expect-error the extension answers; nothing is shown
    () => location({ aps: { alert: "Where are you?" } }),
    // @ts-expect-error widgets reload, and that is all
    () => widgets({ aps: { alert: "Hi" } }),
    // @ts-expect-error controls take no keys
    () => controls({ custom: { a: 1 } }),
    // @ts-expect-error an MDM push has none
    () => mdm({ pushMagic: "m", aps: {} }),
    // @ts-expect-error nor can it do without the magic
    () => mdm({ topic: "com.apple.mgmt.External.1" }),
    // @ts-expect-error what has changed?
    () => fileProvider({ domain: "work" }),
  );
});

test("a Live Activity", () => {
  const start = { "attributes-type": "Pizza", attributes: pizza, "content-state": delivery, alert: alerting } as const;
  const { "attributes-type": _type, ...withoutType } = start;
  const { attributes: _attributes, ...withoutAttributes } = start;
  const { "content-state": _state, ...withoutState } = start;
  const { alert: _alert, ...withoutAlert } = start;
  compiled(
    () => liveActivity.start({ aps: start }),
    // @ts-expect-error cannot start without the name of its type
    () => liveActivity.start({ aps: withoutType }),
    // @ts-expect-error nor without its attributes
    () => liveActivity.start({ aps: withoutAttributes }),
    // @ts-expect-error nor without a state
    () => liveActivity.start({ aps: withoutState }),
    // @ts-expect-error nor without an alert
    () => liveActivity.start({ aps: withoutAlert }),
    // @ts-expect-error what starts is not dismissed
    () => liveActivity.start({ aps: { ...start, "dismissal-date": 0 } }),
    // @ts-expect-error it hears of updates in one way
    () => liveActivity.start({ aps: { ...start, "input-push-token": 1, "input-push-channel": "a" } }),
    // @ts-expect-error this is not how one starts
    () => liveActivity.start({ aps: { ...start, event: "update" } }),
    // @ts-expect-error not the attributes that were named
    () => liveActivity.start<Pizza, Delivery>({ aps: { ...start, attributes: { size: 1 } } }),
    // @ts-expect-error what goes on is not dismissed
    () => liveActivity.update({ aps: { "content-state": delivery, "dismissal-date": 0 } }),
    // @ts-expect-error an update brings a state
    () => liveActivity.update({ aps: {} }),
    // @ts-expect-error attributes never change
    () => liveActivity.update({ aps: { "content-state": delivery, attributes: pizza } }),
    // @ts-expect-error not a stage
    () => liveActivity.update<Delivery>({ aps: { "content-state": { stage: "eaten", minutes: 0 } } }),
    // @ts-expect-error Swift would not read the text that JSON makes of it
    () => liveActivity.update({ aps: { "content-state": { at: new Date() } } }),
    // @ts-expect-error it tells of its sound inside the alert
    () => liveActivity.update({ aps: { "content-state": delivery, sound: "default" } }),
    // @ts-expect-error Apple's page knows 5 and 10
    () => liveActivity.update({ aps: { "content-state": delivery }, priority: 1 }),
    // @ts-expect-error what ends asks for no token
    () => liveActivity.end({ aps: { "input-push-token": 1 } }),
  );
});

test("a notification never changes", () => {
  const made = background();
  compiled(
    () => {
      // @ts-expect-error
      made.topic = "com.example.Other";
    },
    () => {
      // @ts-expect-error
      made.truncated = [];
    },
    // @ts-expect-error
    () => made.truncated.push({ key: "a", removedBytes: 0, keptBytes: 0 }),
  );
});

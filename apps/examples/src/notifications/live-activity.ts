import { liveActivity, type Outcome, type Transport } from "@apns/http2";

// The app's types, as Swift has them: `struct PizzaAttributes: ActivityAttributes` and its `ContentState`.
interface PizzaAttributes {
  readonly order: number;
}
interface PizzaState {
  readonly stage: "baking" | "on its way" | "delivered";
  readonly minutesLeft: number;
}

/** Starts a Live Activity; goes to the app's push-to-start token. The new activity then has an update token of its own. */
export function startLiveActivity(transport: Transport, deviceToken: string): Promise<Outcome> {
  const baking = liveActivity.start<PizzaAttributes, PizzaState>({
    priority: 10,
    aps: {
      "attributes-type": "PizzaAttributes",
      attributes: { order: 7 },
      "content-state": { stage: "baking", minutesLeft: 25 },
      alert: { title: "Order 7", body: "Your pizza is in the oven", sound: "default" },
      "input-push-token": 1,
    },
  });
  return transport.send(baking, deviceToken);
}

/** Updates it; goes to the activity's update token. Priority 5 does not spend the device's hourly budget. */
export function updateLiveActivity(transport: Transport, deviceToken: string): Promise<Outcome> {
  const onItsWay = liveActivity.update<PizzaState>({
    priority: 5,
    aps: {
      "content-state": { stage: "on its way", minutesLeft: 9 },
      "stale-date": new Date(Date.now() + 15 * 60_000),
      "relevance-score": 75,
    },
  });
  return transport.send(onItsWay, deviceToken);
}

/** Ends it, and takes it off the Lock Screen after a minute. */
export function endLiveActivity(transport: Transport, deviceToken: string): Promise<Outcome> {
  const delivered = liveActivity.end<PizzaState>({
    aps: {
      "content-state": { stage: "delivered", minutesLeft: 0 },
      alert: { title: "Order 7", body: { "loc-key": "DELIVERED_BY", "loc-args": ["Grace"] } },
      "dismissal-date": new Date(Date.now() + 60_000),
    },
  });
  return transport.send(delivered, deviceToken);
}

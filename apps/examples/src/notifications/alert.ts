import { alert, type Outcome, type Transport } from "@apns/http2";

interface OrderKeys {
  readonly order: number;
  readonly link: string;
}

/** A visible and audible notification. Notifications of one `thread-id` are shown as a group. */
export function sendAlert(transport: Transport, deviceToken: string): Promise<Outcome> {
  const ready = alert<OrderKeys>({
    aps: {
      alert: { title: "Pizzeria Ada", subtitle: "Order 7", body: "Your pizza is ready" },
      sound: "default",
      badge: 1,
      "thread-id": "order-7",
      "interruption-level": "time-sensitive",
      "relevance-score": 0.8,
    },
    custom: { order: 7, link: "https://example.com/orders/7" },
    collapseId: "order-7",
    expiration: new Date("2100-01-01T12:00:00Z"),
  });
  return transport.send(ready, deviceToken);
}

import { complication, type Outcome, type Transport } from "@apns/http2";

/** New figures for a watch face; goes to the PushKit token of type `.complication`. 50 a day are let through. */
export function sendComplication(transport: Transport, deviceToken: string): Promise<Outcome> {
  const figures = complication({ custom: { ordersToday: 128 } });
  return transport.send(figures, deviceToken);
}

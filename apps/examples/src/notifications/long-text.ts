import { alert, type Outcome, type Transport } from "@apns/http2";

/** A text of unknown length: it is cut to fit, and the notification says so. The limit is the one both wires have. */
export function sendLongText(transport: Transport, deviceToken: string): Promise<Outcome> {
  const article = "People of Ada's Pizzeria 👩‍🍳👨‍🍳 tell their stories. ".repeat(100);
  const news = alert({
    aps: { alert: { title: "News", body: article } },
    custom: { article: 4711 },
    fit: "truncate",
    payloadLimit: "binary",
  });
  if (news.truncated.length === 0) throw new Error("It should not have fit.");
  return transport.send(news, deviceToken);
}

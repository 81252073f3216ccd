import { type SendItem, type SendOptions, sendAll } from "@apns/http2";
import type { Client } from "./client.js";
import { type Failed, failedBy, failedWith, type Responses } from "./responses.js";
import { type Compilable, type Sendable, sendable } from "./sendable.js";

/** Sends a notification to all recipients, no more at a time than the transport can use. Never rejects. */
export async function sendToAll(client: Client, given: Compilable, recipients: readonly string[]): Promise<Responses> {
  let content: Sendable;
  try {
    content = sendable(given);
  } catch (error) {
    return allFailed(recipients, failedBy(error));
  }
  const { signal } = client;
  const responses: Responses = { sent: [], failed: [] };
  const items = itemsOf(content, recipients, signal);
  for await (const { index, outcome } of sendAll(client.transport, items, { ordered: true })) {
    const device = recipients[index]!;
    const id = outcome.apnsId === undefined ? {} : { "apns-id": outcome.apnsId };
    if (outcome.kind === "accepted") responses.sent.push({ device, ...id });
    else if (outcome.kind === "rejected") responses.failed.push({ device, ...id, ...failedWith(outcome) });
    else responses.failed.push({ device, ...failedWith(outcome, signal.aborted ? signal.reason : undefined) });
  }
  return responses;
}

function* itemsOf(
  { notification, apnsId }: Sendable,
  recipients: readonly string[],
  signal: AbortSignal,
): Generator<SendItem> {
  const options: SendOptions = apnsId === undefined ? { signal } : { signal, apnsId };
  for (const deviceToken of recipients) yield { notification, deviceToken, options };
}

function allFailed(recipients: readonly string[], failed: Failed): Responses {
  return { sent: [], failed: recipients.map((device) => ({ device, ...failed })) };
}

import type { RequestOptions } from "@apns/http2";
import { requestId } from "./channels.js";
import type { Client } from "./client.js";
import type { Notification } from "./notification/notification.js";
import {
  type BroadcastResponse,
  type BroadcastResponseFailure,
  failedBy,
  failedWith,
  type Responses,
} from "./responses.js";
import { broadcastable } from "./sendable.js";

/** Sends each notification to the subscribers of the channel that it names. Never rejects. */
export async function broadcastToAll(
  client: Client,
  notes: readonly Notification[],
  bundleId: string,
): Promise<Responses<BroadcastResponse, BroadcastResponseFailure>> {
  const responses: Responses<BroadcastResponse, BroadcastResponseFailure> = { sent: [], failed: [] };
  const { signal } = client;
  const results = await Promise.allSettled(notes.map((note) => broadcastOne(client, note, bundleId, signal)));
  for (const result of results) {
    if (result.status === "rejected") {
      responses.failed.push({ bundleId, ...failedBy(result.reason) });
      continue;
    }
    const outcome = result.value;
    const base = { bundleId, ...requestId(outcome.apnsRequestId) };
    if (outcome.kind === "accepted") responses.sent.push({ ...base, "apns-channel-id": outcome.channelId });
    else responses.failed.push({ ...base, ...failedWith(outcome, signal.aborted ? signal.reason : undefined) });
  }
  return responses;
}

async function broadcastOne(client: Client, note: Notification, bundleId: string, signal: AbortSignal) {
  const options: RequestOptions = note.requestId ? { signal, apnsRequestId: note.requestId } : { signal };
  return client.transport.broadcast(broadcastable(note, bundleId), note.channelId, options);
}

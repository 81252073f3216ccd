import { ChannelClient, ChannelError, type CreateChannelOptions, type RequestOptions } from "@apns/http2";
import type { Notification } from "./notification/notification.js";
import { ProviderError } from "./provider-error.js";
import {
  type BroadcastResponse,
  type BroadcastResponseFailure,
  type Failed,
  failedBy,
  type Responses,
} from "./responses.js";
import type { ResolvedProviderOptions } from "./transport-options.js";

export type ChannelAction = "create" | "read" | "readAll" | "delete";

type Act = (client: ChannelClient, note: Notification, options: RequestOptions) => Promise<Partial<BroadcastResponse>>;

/** APNs' number for each policy is its place. */
const policies = ["none", "mostRecent"] as const;
const pushType = "LiveActivity";

const actions: Readonly<Record<ChannelAction, Act>> = {
  async create(client, { payload }, options) {
    const messageStorage = policies[payload?.["message-storage-policy"]] as CreateChannelOptions["messageStorage"];
    const { channelId, apnsRequestId } = await client.create({ ...options, messageStorage });
    return { ...requestId(apnsRequestId), "apns-channel-id": channelId };
  },
  async read(client, { channelId }, options) {
    const { messageStorage, apnsRequestId } = await client.read(channelId, options);
    const policy = typeof messageStorage === "number" ? messageStorage : policies.indexOf(messageStorage);
    return { ...requestId(apnsRequestId), "message-storage-policy": policy, "push-type": pushType };
  },
  async readAll(client, _note, options) {
    return { ...requestId(options.apnsRequestId), channels: await client.list(options) };
  },
  async delete(client, { channelId }, options) {
    await client.delete(channelId, options);
    return requestId(options.apnsRequestId);
  },
};

/** Does the action for each notification, over a connection of its own that is closed afterwards. Never rejects. */
export async function manageChannels(
  options: ResolvedProviderOptions["channels"],
  notes: readonly Notification[],
  bundleId: string,
  action: ChannelAction,
): Promise<Responses<BroadcastResponse, BroadcastResponseFailure>> {
  const responses: Responses<BroadcastResponse, BroadcastResponseFailure> = { sent: [], failed: [] };
  const fail = (failed: Failed & { "apns-request-id"?: string }): number =>
    responses.failed.push({ bundleId, ...failed });
  if (!Object.hasOwn(actions, action)) {
    const error = new Error(`the action "${String(action)}" is not supported`);
    for (const _ of notes) fail(failedBy(error));
    return responses;
  }
  let client: ChannelClient;
  try {
    client = new ChannelClient({ ...options, bundleId });
  } catch (error) {
    for (const _ of notes) fail(failedBy(error));
    return responses;
  }
  const results = await Promise.allSettled(
    notes.map((note) => actions[action](client, note, note.requestId ? { apnsRequestId: note.requestId } : {})),
  );
  await client.close();
  for (const result of results) {
    if (result.status === "fulfilled") responses.sent.push({ bundleId, ...result.value });
    else fail(channelFailure(result.reason));
  }
  return responses;
}

function channelFailure(error: unknown): Failed & { "apns-request-id"?: string } {
  if (!(error instanceof ChannelError)) return failedBy(error);
  const id = requestId(error.apnsRequestId);
  if (error.kind !== "rejected") return { ...id, error: new ProviderError(error.kind, error) };
  return { ...id, status: error.httpStatus ?? 0, response: { reason: error.reason ?? "" } };
}

export function requestId(id: string | undefined): { "apns-request-id"?: string } {
  return id ? { "apns-request-id": id } : {};
}

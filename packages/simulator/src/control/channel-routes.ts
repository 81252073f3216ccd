import type { FastifyInstance } from "fastify";
import type { Simulator } from "../simulator.js";
import type { MessageStorage } from "../world/channel-table.js";
import { notFound } from "./answer-errors.js";
import { answering, answers } from "./answers.js";
import { object, route, text } from "./schemas.js";

/** Channels for broadcasts, without the detour over Apple's own interface for them. */
export function channelRoutes(routes: FastifyInstance, { world, credentials }: Simulator): void {
  routes.get<{ Querystring: { bundleId?: string } }>(
    "/v1/channels",
    route("The channels of an app.", {
      querystring: object({ "bundleId?": text }),
      ...answering(200, answers.channels),
    }),
    (request) => ({ channels: world.channels.list(request.query.bundleId ?? credentials.bundleId) }),
  );

  routes.post<{ Body: { bundleId?: string; messageStorage?: MessageStorage } }>(
    "/v1/channels",
    route("Makes a channel.", {
      body: object({ "bundleId?": text, "messageStorage?": { enum: ["none", "mostRecent"] } }),
      ...answering(201, answers.channel),
    }),
    (request, reply) => {
      const { bundleId = credentials.bundleId, messageStorage } = request.body;
      return reply.code(201).send(world.channels.create(bundleId, messageStorage));
    },
  );

  routes.delete<{ Querystring: { bundleId?: string; channelId: string } }>(
    "/v1/channels",
    route("Deletes a channel.", {
      querystring: object({ "bundleId?": text, channelId: text }),
      ...answering(204),
    }),
    (request, reply) => {
      const { bundleId = credentials.bundleId, channelId } = request.query;
      if (!world.channels.delete(bundleId, channelId)) throw notFound(`${bundleId} has no channel ${channelId}.`);
      return reply.code(204).send();
    },
  );
}

import type { FastifyInstance } from "fastify";
import type { ReceivedQuery } from "../received.js";
import type { Simulator } from "../simulator.js";
import { answering, answers } from "./answers.js";
import { deviceToken, object, route, text } from "./schemas.js";

const usualLimit = 1000;

/** The notifications received, and the counters. */
export function receivedRoutes(routes: FastifyInstance, apple: Simulator): void {
  const { received } = apple;

  routes.get<{ Querystring: ReceivedQuery & { readonly limit?: string } }>(
    "/v1/received",
    route(`The newest notifications that fit, oldest first; ${usualLimit} at most, or as many as limit says.`, {
      querystring: object({
        "deviceToken?": deviceToken,
        "topic?": text,
        "channelId?": text,
        "wire?": { enum: ["http2", "binary"] },
        "verdict?": { enum: ["accepted", "rejected"] },
        "limit?": { type: "string", pattern: "^[1-9][0-9]{0,3}$" },
      }),
      ...answering(200, answers.received),
    }),
    (request) => {
      const { limit = String(usualLimit), ...query } = request.query;
      const found = received.query(query);
      return { total: found.length, notifications: found.slice(-Number(limit)) };
    },
  );

  routes.delete(
    "/v1/received",
    route("Forgets what was received; the counters stay.", answering(204)),
    (_request, reply) => {
      received.clear();
      return reply.code(204).send();
    },
  );

  routes.get("/v1/stats", route("Counters since the start.", answering(200, answers.stats)), () => apple.stats());
}

import type { FastifyInstance } from "fastify";
import type { Simulator } from "../simulator.js";
import type { RegisterOptions } from "../world/device-table.js";
import { notFound } from "./answer-errors.js";
import { answering, answers } from "./answers.js";
import { deviceToken, deviceTokens, environment, instant, object, route, text } from "./schemas.js";

interface Tokens {
  readonly deviceTokens: readonly string[];
}

/** Device tokens, and what waits at the feedback service. */
export function deviceTokenRoutes(routes: FastifyInstance, { world, credentials }: Simulator): void {
  routes.post<{ Body: Tokens & RegisterOptions }>(
    "/v1/device-tokens",
    route("Registers device tokens for a topic.", {
      body: object({ deviceTokens, "topic?": text, "environment?": environment }),
      ...answering(204),
    }),
    (request, reply) => {
      const { deviceTokens: tokens, ...options } = request.body;
      world.register(tokens, options);
      return reply.code(204).send();
    },
  );

  routes.post<{ Body: Tokens & { readonly at?: number } }>(
    "/v1/device-tokens/unregister",
    route("The app was removed from these devices, now or at another time.", {
      body: object({ deviceTokens, "at?": instant }),
      ...answering(204),
    }),
    (request, reply) => {
      world.unregister(request.body.deviceTokens, request.body.at);
      return reply.code(204).send();
    },
  );

  const one = object({ deviceToken });

  routes.get<{ Params: { deviceToken: string } }>(
    "/v1/device-tokens/:deviceToken",
    route("What is known of a device token.", { params: one, ...answering(200, answers.deviceToken) }),
    (request) => {
      const device = world.device(request.params.deviceToken);
      if (device === undefined) throw notFound(`the device token ${request.params.deviceToken} is not known.`);
      return { deviceToken: request.params.deviceToken.toLowerCase(), ...device };
    },
  );

  routes.delete<{ Params: { deviceToken: string } }>(
    "/v1/device-tokens/:deviceToken",
    route("Forgets a device token, as if it had never existed.", { params: one, ...answering(204) }),
    (request, reply) => {
      world.forget(request.params.deviceToken);
      return reply.code(204).send();
    },
  );

  const ofApp = { querystring: object({ "bundleId?": text }) };

  routes.get<{ Querystring: { bundleId?: string } }>(
    "/v1/feedback",
    route("What waits at the feedback service for an app. Reading it here does not clear it.", {
      ...ofApp,
      ...answering(200, answers.feedback),
    }),
    (request) => ({
      tuples: world.feedback
        .list(request.query.bundleId ?? credentials.bundleId)
        .map(({ deviceToken, unregisteredAt }) => ({ deviceToken, unregisteredAt: unregisteredAt.getTime() })),
    }),
  );

  routes.delete<{ Querystring: { bundleId?: string } }>(
    "/v1/feedback",
    route("Clears what waits at the feedback service, of one app or of all.", { ...ofApp, ...answering(204) }),
    (request, reply) => {
      world.feedback.clear(request.query.bundleId);
      return reply.code(204).send();
    },
  );
}

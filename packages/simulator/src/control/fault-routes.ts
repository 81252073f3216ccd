import type { FastifyInstance } from "fastify";
import type { Fault } from "../faults/fault.js";
import { faultSchema } from "../faults/fault-table.js";
import type { ActiveFault } from "../faults/faults.js";
import { checkQuirks, type Quirks, quirksSchema } from "../quirks.js";
import type { Simulator } from "../simulator.js";
import { notFound } from "./answer-errors.js";
import { answering, answers } from "./answers.js";
import { object, route } from "./schemas.js";

/** The schema is for readers: the simulator's own checks say better what is wrong. */
const checkedLater = { validatorCompiler: () => () => true };

/** Faults and quirks. */
export function faultRoutes(routes: FastifyInstance, apple: Simulator): void {
  const { faults, quirks } = apple;
  const show = ({ id, fault, fired }: ActiveFault) => ({ id, fault, fired });

  routes.get(
    "/v1/faults",
    route("The faults that are on, and how often each was applied.", answering(200, answers.faults)),
    () => ({
      faults: faults.active.map(show),
    }),
  );

  routes.post<{ Body: Fault }>(
    "/v1/faults",
    { ...route("Switches a fault on.", { body: faultSchema, ...answering(201, answers.fault) }), ...checkedLater },
    (request, reply) => reply.code(201).send(show(faults.add(request.body))),
  );

  routes.delete<{ Params: { id: string } }>(
    "/v1/faults/:id",
    route("Switches a fault off.", {
      params: object({ id: { type: "string", pattern: "^[0-9]{1,15}$" } }),
      ...answering(204),
    }),
    (request, reply) => {
      const fault = faults.active.find(({ id }) => id === Number(request.params.id));
      if (fault === undefined) throw notFound(`there is no fault ${request.params.id}.`);
      fault.remove();
      return reply.code(204).send();
    },
  );

  routes.delete("/v1/faults", route("Switches all faults off.", answering(204)), (_request, reply) => {
    faults.clear();
    return reply.code(204).send();
  });

  routes.get(
    "/v1/quirks",
    route("How doubtful behaviour of Apple's is switched.", answering(200, answers.quirks)),
    () => quirks,
  );

  routes.patch<{ Body: Partial<Quirks> }>(
    "/v1/quirks",
    { ...route("Switches some of it.", { body: quirksSchema, ...answering(200, answers.quirks) }), ...checkedLater },
    (request) => Object.assign(quirks, checkQuirks(request.body)),
  );

  routes.post(
    "/v1/gateway/shutdown",
    route("The gateway goes down for maintenance: status 10 on every open connection.", answering(204)),
    (_request, reply) => {
      apple.shutdownGateway();
      return reply.code(204).send();
    },
  );

  routes.post(
    "/v1/reset",
    route("Makes everything as it was at the start, for the next test.", answering(204)),
    (_request, reply) => {
      apple.reset();
      return reply.code(204).send();
    },
  );
}

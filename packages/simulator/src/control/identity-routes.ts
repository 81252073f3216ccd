import type { AppleEnvironment } from "@apns/core";
import { generateSigningKey } from "@apns/credentials";
import type { FastifyInstance } from "fastify";
import type { Simulator } from "../simulator.js";
import type { App, SigningKey } from "../world/app.js";
import { notFound } from "./answer-errors.js";
import { answering, answers } from "./answers.js";
import { environment, instant, object, route, text } from "./schemas.js";

interface CertificateBody {
  readonly bundleId: string;
  readonly teamId?: string;
  readonly environments?: readonly AppleEnvironment[];
  readonly notAfter?: number;
}

interface KeyBody extends Omit<SigningKey, "key" | "teamId"> {
  readonly teamId?: string;
  readonly key?: string;
}

const pem = { type: "string", minLength: 1, maxLength: 10_000 };
const bundleId = text;
const topics = { type: "array", items: text, maxItems: 400 };

/** Where the simulator listens, and apps, keys and certificates. */
export function identityRoutes(routes: FastifyInstance, apple: Simulator): void {
  const { world, credentials } = apple;

  routes.get("/v1/endpoints", route("Where the simulator listens.", answering(200, answers.endpoints)), () => {
    const of = ({ host, port, servername }: Simulator["http2"]) => ({ host, port, servername });
    return {
      http2: of(apple.http2),
      channels: of(apple.channels),
      gateway: of(apple.gateway),
      feedback: of(apple.feedback),
      ca: credentials.ca,
    };
  });

  routes.get(
    "/v1/credentials",
    route("The keys and certificates made at the start.", answering(200, answers.credentials)),
    () => credentials,
  );

  routes.get("/v1/apps", route("All apps.", answering(200, answers.apps)), () => ({ apps: world.apps }));

  routes.post<{ Body: Omit<App, "teamId"> & { readonly teamId?: string } }>(
    "/v1/apps",
    route("Adds an app, or replaces what is known of it.", {
      body: object({ bundleId, "teamId?": text, "broadcast?": { type: "boolean" } }),
      ...answering(201, answers.app),
    }),
    (request, reply) => {
      world.addApp({ teamId: credentials.teamId, ...request.body });
      return reply.code(201).send(world.app(request.body.bundleId));
    },
  );

  routes.post<{ Body: KeyBody }>(
    "/v1/keys",
    route("Registers a signing key. Without `key`, one is made, and answered as the text of a .p8 file.", {
      body: object({
        keyId: text,
        "teamId?": text,
        "key?": pem,
        "environment?": environment,
        "topics?": topics,
        "relatedKeyId?": text,
      }),
      ...answering(201, answers.key),
    }),
    async (request, reply) => {
      const { key: given, ...rest } = request.body;
      const made = given === undefined ? await generateSigningKey() : undefined;
      const key = { teamId: credentials.teamId, ...rest };
      world.addSigningKey({ ...key, key: made?.publicKey ?? given! });
      return reply.code(201).send(made === undefined ? key : { ...key, signingKey: made.key });
    },
  );

  routes.delete<{ Params: { keyId: string } }>(
    "/v1/keys/:keyId",
    route("Revokes a signing key.", answering(204)),
    (request, reply) => {
      const { keyId } = request.params;
      if (!world.removeSigningKey(keyId)) throw notFound(`there is no signing key ${JSON.stringify(keyId)}.`);
      return reply.code(204).send();
    },
  );

  routes.post<{ Body: CertificateBody }>(
    "/v1/certificates",
    route("Issues a push certificate with its key, as PEM text.", {
      body: object({
        bundleId,
        "teamId?": text,
        "environments?": { type: "array", items: environment, minItems: 1, maxItems: 2 },
        "notAfter?": instant,
      }),
      ...answering(201, answers.certificate),
    }),
    async (request, reply) => {
      const { notAfter, ...rest } = request.body;
      const identity = await apple.authority.issuePushCertificate({
        teamId: credentials.teamId,
        environments: ["production", "development"],
        ...rest,
        ...(notAfter === undefined ? {} : { notAfter: new Date(notAfter) }),
      });
      return reply.code(201).send(identity);
    },
  );
}

import { ApnsError, InvalidArgumentError } from "@apns/core";
import { cutText } from "@apns/core/internal";
import type { FastifyError, FastifyInstance } from "fastify";

/** An error, as every answer that is one has it. */
export interface ErrorBody {
  readonly error: {
    readonly code: string;
    /** The field that is wrong, where it is one. */
    readonly field?: string;
    readonly message: string;
  };
}

/** The longest part of a URL that an error repeats. */
const maxUrlLength = 200;

/** The error for a resource that does not exist. */
export function notFound(message: string): Error {
  return Object.assign(new ApnsError("ERR_APNS_CONTROL_NOT_FOUND", message), { statusCode: 404 });
}

/** Has errors answered as JSON with a stable code, and the field's name wherever one is to blame. */
export function answerErrors(app: FastifyInstance): void {
  app.setErrorHandler<FastifyError>((error, _request, reply) => {
    const { statusCode, body } = describe(error);
    return reply.code(statusCode).send(body);
  });
  app.setNotFoundHandler((request, reply) => {
    const message = `there is no ${request.method} ${cutText(request.url, maxUrlLength)}; see /openapi.json.`;
    return reply.code(404).send({ error: { code: "ERR_APNS_CONTROL_NOT_FOUND", message } } satisfies ErrorBody);
  });
}

/** The HTTP status and body that an error is answered with. */
export function describe(error: Error & Partial<FastifyError>): {
  readonly statusCode: number;
  readonly body: ErrorBody;
} {
  const { message } = error;
  if (error instanceof InvalidArgumentError) {
    return { statusCode: 400, body: { error: { code: error.code, field: error.field, message } } };
  }
  const [problem] = error.validation ?? [];
  if (problem !== undefined) {
    const field = fieldOf(problem);
    return {
      statusCode: 400,
      body: { error: { code: "ERR_APNS_INVALID_ARGUMENT", field, message: `${field} ${problemOf(problem)}` } },
    };
  }
  const { statusCode = 500, code = "ERR_APNS_CONTROL" } = error;
  return { statusCode, body: { error: { code, message } } };
}

type Problem = NonNullable<FastifyError["validation"]>[number];

/** `/deviceTokens/0` is `deviceTokens[0]`; a field that is missing or too many is named itself. */
function fieldOf({ instancePath, params }: Problem): string {
  const path = instancePath
    .split("/")
    .slice(1)
    .map((part) => (/^\d+$/.test(part) ? `[${part}]` : `.${part}`))
    .join("")
    .replace(/^\./, "");
  const { missingProperty, additionalProperty } = params as Record<string, string | undefined>;
  const own = missingProperty ?? additionalProperty;
  if (own === undefined) return path === "" ? "body" : path;
  return path === "" ? own : `${path}.${own}`;
}

function problemOf({ keyword, params, message = "is wrong" }: Problem): string {
  if (keyword === "required") return "is missing.";
  if (keyword === "additionalProperties") return "is not a field there.";
  const { allowedValues } = params as { readonly allowedValues?: readonly unknown[] };
  return `${message}${allowedValues === undefined ? "" : `: ${allowedValues.map((value) => JSON.stringify(value)).join(", ")}`}.`;
}

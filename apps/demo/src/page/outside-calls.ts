import type { FastifyError, FastifyInstance } from "fastify";
import type { Pages } from "./pages.js";
import { readPush } from "./requests.js";

/** The call for programs outside: `POST /api/messages`. Whatever is wrong with it is answered in one plain sentence. */
export function answerOutsideCalls(app: FastifyInstance, pages: Pages): void {
  app.post("/api/messages", async ({ body }, reply) => {
    const why = push(body, pages);
    const code = why === undefined ? 200 : why.startsWith("no page") ? 404 : why.startsWith("the page") ? 503 : 400;
    await reply
      .type("text/plain")
      .code(code)
      .send(`${why ?? "ok"}\n`);
  });
  app.setErrorHandler<FastifyError>(async ({ code, statusCode = 500 }, _request, reply) => {
    const why = problems[code] ?? (statusCode < 500 ? "the request cannot be read" : "the demo has failed to answer");
    await reply.type("text/plain").code(statusCode).send(`${why}\n`);
  });
  app.setNotFoundHandler(async ({ method, url }, reply) => {
    const isCall = url.split("?")[0] === "/api/messages";
    reply.type("text/plain").code(isCall ? 405 : 404);
    if (isCall) reply.header("allow", "POST");
    await reply.send(isCall ? `messages are sent by POST, not by ${method}\n` : "there is nothing here\n");
  });
}

const asJson = 'the body must be a JSON object, such as {"to":"all","text":"Hello"}';

/** Fastify's own refusals, by code. */
const problems: Readonly<Record<string, string>> = {
  FST_ERR_CTP_EMPTY_JSON_BODY: asJson,
  FST_ERR_CTP_INVALID_JSON_BODY: asJson,
  FST_ERR_CTP_INVALID_MEDIA_TYPE: "the body must be JSON: send content-type: application/json",
  FST_ERR_CTP_BODY_TOO_LARGE: "the body is longer than 16 KiB",
};

function push(body: unknown, pages: Pages): string | undefined {
  if (body === undefined) return asJson;
  try {
    const { to, text } = readPush(body);
    return pages.push(to, text);
  } catch (error) {
    return (error as Error).message;
  }
}

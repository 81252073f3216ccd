// A simulator and somebody who asks its control API.
import { createRequire } from "node:module";
import { expect, onTestFinished } from "vitest";
import { type ControlOptions, type ControlServer, startControl } from "../src/control/index.ts";
import type { Simulator } from "../src/index.ts";
import { start } from "./peers.ts";

interface Answer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: whatever it answers, tests say what it is.
  readonly body: any;
}

export interface Ready {
  readonly apple: Simulator;
  readonly control: ControlServer;
  readonly ask: (method: string, path: string, body?: unknown) => Promise<Answer>;
}

/** A simulator with its control API, both closed when the test ends. */
export async function ready(options: ControlOptions = {}): Promise<Ready> {
  const apple = await start({ errorLingerMs: 0 });
  const control = await startControl(apple, options);
  onTestFinished(() => control.close());
  const checkAnswer = answersAs((await (await fetch(`${control.url}/openapi.json`)).json()) as Description);
  const ask: Ready["ask"] = async (method, path, body) => {
    const response = await fetch(control.url + path, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
    });
    const text = await response.text();
    const answer: Answer = { status: response.status, body: text === "" ? undefined : JSON.parse(text) };
    checkAnswer(method, path, answer);
    return answer;
  };
  return { apple, control, ask };
}

/** The validator that fastify itself uses. */
const ofFastify = createRequire(createRequire(import.meta.url).resolve("fastify"));
const { default: Ajv } = createRequire(ofFastify.resolve("@fastify/ajv-compiler"))("ajv/dist/2020") as {
  default: new (
    options: object,
  ) => { compile(schema: object): { (value: unknown): boolean; readonly errors?: unknown } };
};

interface Description {
  readonly paths: Readonly<
    Record<string, Readonly<Record<string, { readonly responses: Readonly<Record<string, Reply>> }>>>
  >;
}
interface Reply {
  readonly content?: { readonly "application/json": { readonly schema: object } };
}

/** Holds answers against what the API says of itself: the status, and the body's schema. */
function answersAs({ paths }: Description): (method: string, path: string, answer: Answer) => void {
  const ajv = new Ajv({ strict: false });
  return (method, path, { status, body }) => {
    const template = Object.keys(paths).find((known) => {
      return new RegExp(`^${known.replace(/\{\w+\}/g, "[^/]+")}$`).test(path.replace(/\?.*/, ""));
    });
    const operation = template === undefined ? undefined : paths[template]![method.toLowerCase()];
    if (operation === undefined) return;
    const reply = operation.responses[status] ?? operation.responses[`${Math.floor(status / 100)}XX`];
    expect(reply, `${method} ${path} says that it may answer ${status}`).toBeDefined();
    const schema = reply!.content?.["application/json"].schema;
    expect(body === undefined, `${method} ${path} answers ${status} without a body`).toBe(schema === undefined);
    if (schema === undefined) return;
    const isValid = ajv.compile(schema);
    expect([isValid(body), isValid.errors ?? []], `${method} ${path}`).toEqual([true, []]);
  };
}

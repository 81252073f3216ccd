// The parts of JSON schema that several routes share.
import type { JsonSchema } from "../rules.js";

export const text: JsonSchema = { type: "string", minLength: 1, maxLength: 1000 };
export const environment: JsonSchema = { enum: ["production", "development"] };
export const instant: JsonSchema = { type: "integer", description: "Milliseconds since the UNIX epoch." };

export const deviceToken: JsonSchema = {
  type: "string",
  pattern: "^([0-9a-fA-F]{2}){1,512}$",
  description: "Hexadecimal text, of either case.",
};

export const deviceTokens: JsonSchema = { type: "array", items: deviceToken, minItems: 1, maxItems: 10_000 };

/** An object with these fields, the optional ones marked by a question mark behind their name, and no others. */
export function object(fields: Readonly<Record<string, JsonSchema>>): JsonSchema {
  const names = Object.keys(fields);
  return {
    type: "object",
    additionalProperties: false,
    properties: Object.fromEntries(names.map((name) => [name.replace(/\?$/, ""), fields[name]])),
    required: names.filter((name) => !name.endsWith("?")),
  };
}

/** The description of a route: its summary, and the schemas of its parts. */
export function route(summary: string, parts: { readonly [part: string]: JsonSchema } = {}): { schema: JsonSchema } {
  return { schema: { summary, ...parts } };
}

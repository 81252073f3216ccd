import type { HeaderFields } from "@apns/h2";

/** The parts of a request that any of the APIs reads. */
export interface Request {
  readonly method: string;
  readonly path: string;
  readonly authorization: string | undefined;
  readonly topic: string | undefined;
  readonly pushType: string | undefined;
  readonly apnsId: string | undefined;
  readonly requestId: string | undefined;
  readonly channelId: string | undefined;
  readonly expiration: string | undefined;
  readonly priority: string | undefined;
  readonly collapseId: string | undefined;
  /** Whether any header field came more than once; the first of them is read. */
  readonly duplicate: boolean;
}

type Field = keyof Omit<Request, "duplicate">;

const fieldOf: ReadonlyMap<string, Field> = new Map<string, Field>([
  [":method", "method"],
  [":path", "path"],
  ["authorization", "authorization"],
  ["apns-topic", "topic"],
  ["apns-push-type", "pushType"],
  ["apns-id", "apnsId"],
  ["apns-request-id", "requestId"],
  ["apns-channel-id", "channelId"],
  ["apns-expiration", "expiration"],
  ["apns-priority", "priority"],
  ["apns-collapse-id", "collapseId"],
]);

/** Reads the fields of a header list that an API needs; the values of all others stay undecoded. */
export function parseRequest(fields: HeaderFields): Request {
  const request: { -readonly [Key in keyof Request]: Request[Key] } = {
    method: "",
    path: "",
    authorization: undefined,
    topic: undefined,
    pushType: undefined,
    apnsId: undefined,
    requestId: undefined,
    channelId: undefined,
    expiration: undefined,
    priority: undefined,
    collapseId: undefined,
    duplicate: false,
  };
  for (let index = 0; index < fields.length; index++) {
    const name = fields.name(index);
    if (firstIndexOf(fields, name) !== index) {
      request.duplicate = true;
      continue;
    }
    const field = fieldOf.get(name);
    if (field !== undefined) request[field] = fields.value(index);
  }
  return request;
}

/** A linear search: a request has a dozen fields, for which making a set costs more. The header list is limited. */
function firstIndexOf(fields: HeaderFields, name: string): number {
  let index = 0;
  while (fields.name(index) !== name) index++;
  return index;
}

/** A request to the provider API, whatever HTTP/2 server took it. */
export interface Request {
  readonly method: string;
  readonly path: string;
  readonly authorization: string | undefined;
  readonly topic: string | undefined;
  readonly pushType: string | undefined;
  readonly apnsId: string | undefined;
  readonly expiration: string | undefined;
  readonly priority: string | undefined;
  readonly collapseId: string | undefined;
  /** Whether any header field came more than once; the first one is the one read. */
  readonly duplicate: boolean;
}

const fieldOf: Readonly<Record<string, keyof Omit<Request, "duplicate">>> = {
  ":method": "method",
  ":path": "path",
  authorization: "authorization",
  "apns-topic": "topic",
  "apns-push-type": "pushType",
  "apns-id": "apnsId",
  "apns-expiration": "expiration",
  "apns-priority": "priority",
  "apns-collapse-id": "collapseId",
};

/** Reads header fields given as name, value, name, value …, names in lower case as HTTP/2 has them. */
export function parseRequest(rawHeaders: readonly string[]): Request {
  const request: { -readonly [Key in keyof Request]: Request[Key] } = {
    method: "",
    path: "",
    authorization: undefined,
    topic: undefined,
    pushType: undefined,
    apnsId: undefined,
    expiration: undefined,
    priority: undefined,
    collapseId: undefined,
    duplicate: false,
  };
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]!;
    if (firstIndexOf(rawHeaders, name) !== index) {
      request.duplicate = true;
      continue;
    }
    const field = Object.hasOwn(fieldOf, name) ? fieldOf[name] : undefined;
    if (field !== undefined) request[field] = rawHeaders[index + 1]!;
  }
  return request;
}

/** A dozen names: looking through them beats making a set. The server bounds the header list. */
function firstIndexOf(rawHeaders: readonly string[], name: string): number {
  let index = 0;
  while (rawHeaders[index] !== name) index += 2;
  return index;
}

import type { RequestTemplate } from "@apns/h2";

/** Templates kept per connection: beyond that many in turn, each is prepared anew. */
const maxTemplates = 64;

interface Entry {
  readonly authorization: string | undefined;
  readonly template: RequestTemplate;
}

/** The constant headers that a connection has prepared, by key and authorization. */
export class TemplateCache {
  readonly #entries = new Map<object, Entry>();
  /** One notification to many devices is the usual case: a look-up in the map for each costs 0.1 CPU-s per 100,000. */
  #lastKey: object | undefined;
  #lastEntry: Entry | undefined;

  /** The template of the key, if there is one with this authorization. */
  find(key: object, authorization: string | undefined): RequestTemplate | undefined {
    const entry = this.#lastKey === key ? this.#lastEntry : this.#entries.get(key);
    if (entry?.authorization !== authorization) return undefined;
    this.#lastKey = key;
    this.#lastEntry = entry;
    return entry?.template;
  }

  add(key: object, authorization: string | undefined, template: RequestTemplate): RequestTemplate {
    if (this.#entries.size >= maxTemplates) this.#entries.clear();
    const entry = { authorization, template };
    this.#entries.set(key, entry);
    this.#lastKey = key;
    this.#lastEntry = entry;
    return template;
  }
}

import { Connection } from "../connection/connection.js";
import type { ClientHandler, PartialResponse } from "../connection/handler.js";
import { type ClientConnectionOptions, resolveClientOptions } from "../connection/options.js";
import { ConnectionParts } from "../connection/parts.js";
import type { FieldValues } from "../message/varying-fields.js";
import { ClientRole } from "./client-role.js";
import { RequestTemplate, type RequestTemplateOptions } from "./request-template.js";

/** A {@link Connection} of a client: with requests. */
export class ClientConnection<Context = unknown> extends Connection {
  readonly #role: ClientRole<Context>;

  /** Queues the connection preface, SETTINGS and the first WINDOW_UPDATE at once. @throws Http2Error H2_USAGE */
  constructor(options: ClientConnectionOptions, handler: ClientHandler<Context>) {
    const resolved = resolveClientOptions(options);
    const parts = new ConnectionParts("server", resolved, handler);
    const role = new ClientRole(parts, resolved, handler);
    super(parts, role, handler);
    this.#role = role;
  }

  /** How many requests {@link request} would take now. 0 while bodies wait for connection window. */
  get availableStreams(): number {
    return this.#role.availableStreams;
  }

  /** The contexts of all open requests: a copy, in no order. */
  contexts(): Context[] {
    return this.#role.contexts();
  }

  /** All stream identifiers are used up: further requests need another connection (RFC 9113 section 5.1.1). */
  get isExhausted(): boolean {
    return this.#role.isExhausted;
  }

  /** Prepares requests that have most of their header fields in common. @throws Http2Error H2_USAGE */
  createTemplate(options: RequestTemplateOptions): RequestTemplate {
    return new RequestTemplate(this.#role, options);
  }

  /**
   * Queues a request. Returns its stream; or 0, and changes nothing, when there is no capacity: try again at
   * `onCapacity`, or when another request has settled.
   *
   * @param path - appended to the template's `pathPrefix`; visible ASCII
   * @param variable - value of the template's variable field, or undefined to leave the field out; visible ASCII
   * @param payload - the body; must not change until it is sent (at once, unless a window is too small)
   * @param context - given back with the response or the failure, exactly once
   * @param varying - values of the template's varying fields, each in Latin-1; none if absent. To give the same list again is
   * cheaper than an equal one
   * @throws Http2Error H2_USAGE for bad arguments; nothing is changed then
   */
  request(
    template: RequestTemplate,
    path: string,
    variable: string | undefined,
    payload: Uint8Array,
    context: Context,
    varying?: FieldValues,
  ): number {
    return this.#role.request(template, path, variable, payload, context, varying);
  }

  /**
   * The part of an open request's response that has arrived; see {@link RequestFailure.response}. Valid until the next
   * call.
   */
  responseSoFar(streamId: number): PartialResponse | undefined {
    return this.#role.responseSoFar(streamId);
  }
}

import { Connection } from "../connection/connection.js";
import type { ServerHandler } from "../connection/handler.js";
import { resolveServerOptions, type ServerConnectionOptions } from "../connection/options.js";
import { ConnectionParts } from "../connection/parts.js";
import type { HeaderField } from "../hpack/header-fields.js";
import { emptyBody } from "../streams/stream.js";
import { ResponseTemplate, type ResponseTemplateOptions } from "./response-template.js";
import { ServerRole } from "./server-role.js";

/** A {@link Connection} of a server: with responses. */
export class ServerConnection extends Connection {
  readonly #role: ServerRole;

  /** Queues SETTINGS and the first WINDOW_UPDATE at once. @throws Http2Error H2_USAGE */
  constructor(options: ServerConnectionOptions, handler: ServerHandler) {
    const resolved = resolveServerOptions(options);
    const parts = new ConnectionParts("client", resolved, handler);
    const role = new ServerRole(parts, resolved, handler);
    super(parts, role, handler);
    this.#role = role;
  }

  /**
   * So many octets of responses wait that requests are withheld; see `maxQueuedResponseBytes`. A handler that answers later than
   * in `onRequest` should wait for `onRoom` then.
   */
  get isFull(): boolean {
    return this.#role.isFull;
  }

  /** Prepares responses that have most of their header fields in common. @throws Http2Error H2_USAGE */
  createTemplate(options: ResponseTemplateOptions): ResponseTemplate {
    return new ResponseTemplate(this.#role, options);
  }

  /**
   * Queues a whole response. False if the stream is not open (any more), or if `maxQueuedResponseBytes` wait already: then
   * the stream is reset, and `onStreamReset` has the code H2_OUTPUT_FULL.
   *
   * @param value1 - value of the template's first variable field, or undefined to leave it out; visible ASCII
   * @param value2 - value of the second one
   * @param body - must not change until it is sent (at once, unless a window is too small)
   * @throws Http2Error H2_USAGE for bad arguments, or if the stream was answered already
   */
  respond(
    streamId: number,
    template: ResponseTemplate,
    value1?: string,
    value2?: string,
    body: Uint8Array = emptyBody,
  ): boolean {
    return this.#role.respond(streamId, template, value1, value2, body);
  }

  /**
   * Queues a whole response of any fields, `:status` first. False as for {@link respond}. A header block too large for one frame is continued in CONTINUATION frames.
   *
   * @throws Http2Error H2_USAGE for bad fields, or if the stream was answered already
   */
  respondFields(streamId: number, fields: readonly HeaderField[], body: Uint8Array = emptyBody): boolean {
    return this.#role.respondFields(streamId, fields, body);
  }

  /**
   * Queues an interim response (1xx, RFC 9110 section 15.2). False if the stream is not open or was answered, or if
   * `maxQueuedResponseBytes` wait already.
   */
  inform(streamId: number, fields: readonly HeaderField[]): boolean {
    return this.#role.inform(streamId, fields);
  }
}

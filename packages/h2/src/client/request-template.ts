import { Buffer } from "node:buffer";
import { usageFault } from "../errors.js";
import type { HeaderTemplate, TemplateField } from "../hpack/header-template.js";
import { checkField } from "../message/ascii.js";
import { createTemplate, type MessageTemplate } from "../message/template-writer.js";
import { VaryingFields } from "../message/varying-fields.js";

/** The part that all requests made with one template have in common. */
export interface RequestTemplateOptions {
  /** `:method`, `:scheme`, `:authority` and the regular fields; without `:path` if `pathPrefix` is given. */
  readonly fields: readonly TemplateField[];
  /** Beginning of `:path`; each request appends its own part. */
  readonly pathPrefix?: string;
  /** Name of a field that each request may give its own value, or leave out. */
  readonly variable?: string;
  /**
   * Names of fields that requests give values of their own, as a list in this order. Values that recur are sent as an index of
   * the peer's table; to change others costs no more than their octets.
   */
  readonly varying?: readonly string[];
}

/** A prepared request. It is valid on the connection that made it. */
export class RequestTemplate implements MessageTemplate {
  /** @internal */
  readonly headers: HeaderTemplate;
  /** @internal */
  readonly pathPrefix: Buffer | undefined;
  /** @internal */
  readonly varying: VaryingFields | undefined;
  /** @internal */
  readonly owner: object;

  /** @internal Use `ClientConnection.createTemplate`. @throws Http2Error H2_USAGE */
  constructor(owner: object, options: RequestTemplateOptions) {
    const { fields, pathPrefix, variable, varying = [] } = options;
    for (const name of [":method", ":scheme", ...(pathPrefix === undefined ? [":path"] : [])]) {
      if (!fields.some((field) => field.name === name)) throw usageFault(`a request needs ${name}`);
    }
    if (pathPrefix !== undefined && !/^[!-~]*$/.test(pathPrefix)) throw usageFault("pathPrefix is not visible ASCII");
    for (const name of varying) checkField(name, "");
    this.owner = owner;
    this.headers = createTemplate(fields, variable === undefined ? [] : [variable], pathPrefix ?? "");
    this.pathPrefix = pathPrefix === undefined ? undefined : Buffer.from(pathPrefix, "latin1");
    this.varying = varying.length === 0 ? undefined : new VaryingFields(varying);
  }
}

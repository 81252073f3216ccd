import { usageFault } from "../errors.js";
import type { HeaderTemplate, TemplateField } from "../hpack/header-template.js";
import { createTemplate, type MessageTemplate } from "../message/template-writer.js";

/** The part that all responses made with one template have in common. */
export interface ResponseTemplateOptions {
  /** `:status` and the regular fields. */
  readonly fields: readonly TemplateField[];
  /** Names of up to two fields that each response may give its own value, or leave out. */
  readonly variables?: readonly string[];
}

/** A prepared response. It is valid on the connection that made it. */
export class ResponseTemplate implements MessageTemplate {
  /** @internal */
  readonly headers: HeaderTemplate;
  /** @internal */
  readonly pathPrefix: undefined = undefined;
  /** @internal */
  readonly varying: undefined = undefined;
  /** @internal */
  readonly owner: object;

  /** @internal Use `ServerConnection.createTemplate`. @throws Http2Error H2_USAGE */
  constructor(owner: object, { fields, variables = [] }: ResponseTemplateOptions) {
    if (!fields.some((field) => field.name === ":status")) throw usageFault("a response needs :status");
    if (variables.length > 2) throw usageFault("a template has two variables at most");
    this.owner = owner;
    this.headers = createTemplate(fields, variables, "");
  }
}

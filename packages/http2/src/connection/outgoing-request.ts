import type { FieldValues, RequestTemplateOptions } from "@apns/h2";

/** What a connection needs of a request to write it. */
export interface OutgoingRequest {
  /** Requests with the same key and authorization share their constant headers, which are prepared once per connection. */
  readonly templateKey: object;
  /** The constant headers; asked for when the connection has none prepared for the key. */
  describeHeaders(authorization: string | undefined): RequestTemplateOptions;
  /** The values of the template's varying fields; undefined if it has none. */
  readonly headerValues: FieldValues | undefined;
  /** Appended to the path of the constant headers. */
  readonly path: string;
  /** Value of the one variable header, if the request has it. */
  readonly variable: string | undefined;
  readonly body: Uint8Array;
}

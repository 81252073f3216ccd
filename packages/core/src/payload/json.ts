/** Any value JSON can hold. */
export type JsonValue =
  | string
  | number
  | boolean
  | null
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue | undefined };

/**
 * `T` if JSON can hold it; otherwise the parts it cannot hold become `never`, and with them what is assigned. Unlike
 * {@link JsonValue} it takes interfaces, too, and what is `unknown` gets the benefit of the doubt.
 *
 * A `Date` is refused on purpose: JSON would make a text of it, which Swift's decoders do not read as a date unless told.
 */
export type Json<T> = unknown extends T
  ? T
  : T extends JsonValue | undefined
    ? T
    : T extends (...args: never[]) => unknown
      ? never
      : T extends object
        ? { readonly [Key in keyof T]: Json<T[Key]> }
        : never;

/** Your own keys beside `aps`: any values that JSON can hold, but no key `aps`. */
export type CustomKeys<Custom extends object = object> = Custom & Json<Custom> & { readonly aps?: never };

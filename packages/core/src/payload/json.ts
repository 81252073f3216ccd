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
 * {@link JsonValue} it accepts interfaces and `unknown`.
 *
 * A `Date` is not accepted: this is the type of what Swift decodes by a type of its own (the state and the attributes of a Live
 * Activity), and Swift's decoder expects a number for a `Date`, where JSON has a text.
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

/** `T` if JSON can write it: {@link Json}, and values with a method `toJSON`, such as a `Date`, which is written as a text. */
export type Serializable<T> = unknown extends T
  ? T
  : T extends JsonValue | undefined
    ? T
    : T extends { toJSON(...args: never[]): infer Written }
      ? Written extends JsonValue | undefined
        ? T
        : never
      : T extends (...args: never[]) => unknown
        ? never
        : T extends object
          ? { readonly [Key in keyof T]: Serializable<T[Key]> }
          : never;

/** Your own keys beside `aps`: any values that JSON can write, but no key `aps`. A `Date` becomes its ISO 8601 text. */
export type CustomKeys<Custom extends object = object> = Custom & Serializable<Custom> & { readonly aps?: never };

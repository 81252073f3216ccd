// The messages between a parent and its child, over the channel that `fork` opens.

/**
 * The calls that a child answers, by name: each takes one value or none, and returns its answer or a promise of it. Values are
 * copied as by `structuredClone`. Declare one as a `type`, which parent and child share.
 */
export type Calls = Readonly<Record<string, (input: never) => unknown>>;

/** From the parent. */
export interface CallMessage {
  /** Unique among the calls to one child. */
  readonly call: number;
  readonly name: string;
  readonly input: unknown;
}

/** From the child: the answer to a call, why there is none, or an event that nobody has asked for. */
export type ChildMessage =
  | { readonly call: number; readonly answer: unknown }
  | { readonly call: number; readonly failure: string }
  | { readonly event: unknown };

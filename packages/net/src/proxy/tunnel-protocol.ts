/** What the bytes of a proxy, so far, mean. */
export type TunnelStep =
  /** The answer is not complete. */
  | { readonly type: "incomplete" }
  /** The next message goes out; `consumed` bytes of the answer are done with. */
  | { readonly type: "send"; readonly bytes: Buffer; readonly consumed: number }
  /** The tunnel stands; what follows `consumed` bytes comes from the server. */
  | { readonly type: "open"; readonly consumed: number }
  /** There will be no tunnel. `problem` follows the proxy's name in a message. */
  | { readonly type: "refused"; readonly problem: string; readonly retryable: boolean };

/** The client's side of one request for a tunnel, without I/O. */
export interface TunnelProtocol {
  /** The first message. */
  readonly request: Buffer;
  /** Takes everything received since the last step that was not `incomplete`. */
  receive(answer: Buffer): TunnelStep;
}

/** The server at the other end of a tunnel. */
export interface TunnelTarget {
  readonly host: string;
  readonly port: number;
}

export const incomplete: TunnelStep = { type: "incomplete" };

export function refused(problem: string, retryable: boolean): TunnelStep {
  return { type: "refused", problem, retryable };
}

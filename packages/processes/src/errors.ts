/**
 * Why a call to a child process has no answer.
 *
 * - `ERR_APNS_CHILD_FAILED`: the child answered that it cannot do what it was asked for, or the call could not be sent.
 * - `ERR_APNS_CHILD_SILENT`: it did not answer in time.
 * - `ERR_APNS_CHILD_ENDED`: it has ended, or could not be started.
 */
export type ChildErrorCode = "ERR_APNS_CHILD_FAILED" | "ERR_APNS_CHILD_SILENT" | "ERR_APNS_CHILD_ENDED";

/** A call to a child process has no answer; the message begins with the child's name. */
export class ChildError extends Error {
  override readonly name = "ChildError";
  readonly code: ChildErrorCode;

  constructor(code: ChildErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

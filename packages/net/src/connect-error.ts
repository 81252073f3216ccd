// The only file that knows what Node and OpenSSL call their errors.
import { ApnsError } from "@apns/core";

/** No connection could be made. */
export class ConnectError extends ApnsError {
  override readonly name = "ConnectError";
  /** Whether another attempt may succeed without anybody changing anything. */
  readonly retryable: boolean;

  constructor(message: string, options: { readonly retryable: boolean; readonly cause?: unknown }) {
    super("ERR_APNS_CONNECT_FAILED", message, { cause: options.cause });
    this.retryable = options.retryable;
  }
}

/** What a transport has to say to an error code; the first that matches is taken, before the general ones. */
export type ConnectHints = readonly (readonly [pattern: RegExp, hint: string])[];

/** Failures that every further attempt will meet again: the server's certificate or name is not to be trusted. */
const untrusted: ReadonlySet<string> = new Set([
  "CERT_HAS_EXPIRED",
  "CERT_NOT_YET_VALID",
  "CERT_REVOKED",
  "CERT_UNTRUSTED",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "ERR_TLS_CERT_ALTNAME_INVALID",
  "HOSTNAME_MISMATCH",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
]);

const untrustedHint =
  "the server's certificate is not to be trusted; for a server of your own give its authority as environment.ca";

/** The server has looked at what we offer and declined; asking again at once would be pestering. */
const refusedForGood =
  /ALERT_CERTIFICATE|ALERT_BAD_CERTIFICATE|ALERT_UNKNOWN_CA|ALERT_ACCESS_DENIED|ALERT_NO_APPLICATION_PROTOCOL/;

const generalHints: ConnectHints = [
  [
    /ALERT_CERTIFICATE|ALERT_BAD_CERTIFICATE|ALERT_UNKNOWN_CA|ALERT_ACCESS_DENIED/,
    "the server refused the client certificate; it is expired, revoked or not a push certificate",
  ],
  [/WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG/, "the peer does not speak TLS; check host and port"],
  [/ALERT_NO_APPLICATION_PROTOCOL/, "the server does not speak this protocol; check host and port"],
  [/^ECONNREFUSED$/, "nobody listens there; check host and port"],
  [/^ENOTFOUND$|^EAI_AGAIN$/, "the name cannot be resolved"],
];

/** A failure to connect in our words. `error` is missing if the peer just closed; its code is `closed` then. */
export function connectError(
  where: string,
  error: NodeJS.ErrnoException | undefined,
  hints: ConnectHints = [],
): ConnectError {
  // Several addresses were tried, and each failed: the first says as much as all of them.
  const first = error instanceof AggregateError ? (error.errors[0] as NodeJS.ErrnoException | undefined) : error;
  const code = first?.code ?? "closed";
  const isUntrusted = untrusted.has(code);
  const retryable = !isUntrusted && !refusedForGood.test(code);
  const known = [...hints, ...generalHints].find(([pattern]) => pattern.test(code))?.[1];
  const hint = isUntrusted ? untrustedHint : known;
  const what = first === undefined ? "closed by the peer" : first.message;
  return new ConnectError(`${where}: ${what}${hint === undefined ? "" : ` (${hint})`}.`, { retryable, cause: error });
}

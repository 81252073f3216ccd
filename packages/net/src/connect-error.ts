// The only file that knows the error codes of Node and OpenSSL.
import { ApnsError } from "@apns/core";
import type { CertificateInWords } from "./foreign-certificate.js";

/** No connection could be made. */
export class ConnectError extends ApnsError {
  override readonly name = "ConnectError";
  /** Whether another attempt may succeed although nothing is changed. */
  readonly retryable: boolean;

  constructor(message: string, options: { readonly retryable: boolean; readonly cause?: unknown }) {
    super("ERR_APNS_CONNECT_FAILED", message, { cause: options.cause });
    this.retryable = options.retryable;
  }
}

/** A transport's explanations of error codes, before the general ones; the first match is taken. */
export type ConnectHints = readonly (readonly [pattern: RegExp, hint: string])[];

/** Codes of a server certificate that is not trusted: every further attempt will fail in the same way. */
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

export const inspectionHint: string =
  "something between here and Apple opens TLS: exempt Apple's hosts from inspection, or name its authority in NODE_EXTRA_CA_CERTS";

/** Whether the failure is about the server's certificate. */
export function isAboutCertificate(error: NodeJS.ErrnoException | undefined): boolean {
  return untrusted.has(error?.code ?? "");
}

/** Codes of a server that has refused this client: every further attempt will fail in the same way. */
const refusedByServer =
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

/**
 * A failure to connect, explained. Without `error` the peer closed the connection; the code for `hints` is `closed` then.
 * @param certificate the server's, if the failure is about it
 */
export function connectError(
  where: string,
  error: NodeJS.ErrnoException | undefined,
  hints: ConnectHints = [],
  certificate?: CertificateInWords,
): ConnectError {
  // Several addresses failed: the error of the first stands for all.
  const first = error instanceof AggregateError ? (error.errors[0] as NodeJS.ErrnoException | undefined) : error;
  const code = first?.code ?? "closed";
  const isUntrusted = untrusted.has(code);
  const retryable = !isUntrusted && !refusedByServer.test(code);
  const known = [...hints, ...generalHints].find(([pattern]) => pattern.test(code))?.[1];
  const hint = certificate?.isForeign ? inspectionHint : (known ?? (isUntrusted ? untrustedHint : undefined));
  const what = first === undefined ? "closed by the peer" : first.message;
  const whose = certificate === undefined ? "" : `; ${certificate.text}`;
  const message = `${where}: ${what}${whose}${hint === undefined ? "" : ` (${hint})`}.`;
  return new ConnectError(message, { retryable, cause: error });
}

// The only file that knows what Node and OpenSSL call their errors.
import { ApnsError } from "@apns/core";

/** Failures that every further attempt will meet again, until somebody changes something. */
const hopeless: ReadonlyMap<string, string> = new Map(
  [
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
  ].map((code) => [
    code,
    "the server's certificate is not to be trusted; for a server of your own give its authority as environment.ca",
  ]),
);

const hints: readonly (readonly [RegExp, string])[] = [
  [
    /ALERT_CERTIFICATE|ALERT_BAD_CERTIFICATE|ALERT_UNKNOWN_CA|ALERT_ACCESS_DENIED/,
    "the gateway refused the client certificate; it is expired, revoked or not a push certificate",
  ],
  [
    /ALERT_HANDSHAKE_FAILURE|UNSUPPORTED_PROTOCOL|ALERT_PROTOCOL_VERSION|NO_PROTOCOLS|DH_KEY_TOO_SMALL/,
    'no TLS version or cipher in common; an old gateway may need minVersion: "TLSv1" and ciphers: "DEFAULT:@SECLEVEL=0"',
  ],
  [/WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG/, "the peer does not speak TLS; check host and port"],
  [/^ECONNREFUSED$/, "nobody listens there; check host and port"],
  [/^ENOTFOUND$|^EAI_AGAIN$/, "the name cannot be resolved; Apple's own legacy hosts do not exist any more"],
  [
    /^ECONNRESET$|^closed$/,
    "the peer closed during the handshake; a gateway does that with a certificate it does not take",
  ],
];

/** A failure to connect in our words. `error` is missing if the peer just closed. */
export function connectError(where: string, error: NodeJS.ErrnoException | undefined): ApnsError {
  const code = error?.code ?? "closed";
  const hint = hopeless.get(code) ?? hints.find(([pattern]) => pattern.test(code))?.[1];
  const what = error === undefined ? "closed" : error.message;
  return new ApnsError("ERR_APNS_CONNECT_FAILED", `${where}: ${what}${hint === undefined ? "" : ` (${hint})`}.`, {
    cause: error,
  });
}

/** Whether another attempt will certainly meet the same failure. */
export function isHopeless(error: ApnsError): boolean {
  return hopeless.has((error.cause as NodeJS.ErrnoException | undefined)?.code ?? "");
}

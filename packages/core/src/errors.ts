import { generatingNotifications } from "./apple-pages.js";
import { withoutSecrets } from "./internal/secret.js";

/**
 * Stable codes of the errors that this family of packages throws, or gives as the `cause` of an outcome.
 * Match on these, never on message texts.
 */
export type ApnsErrorCode =
  /** An argument or option is wrong; `field` names it. */
  | "ERR_APNS_INVALID_ARGUMENT"
  /** The device token is not hexadecimal, empty or too long. */
  | "ERR_APNS_INVALID_DEVICE_TOKEN"
  /** A merge field has neither a value nor a default; `field` names it. */
  | "ERR_APNS_MISSING_FIELD"
  /** The payload exceeds the limit of its push type and wire. */
  | "ERR_APNS_PAYLOAD_TOO_LARGE"
  /** The wire cannot carry something the notification asks for. */
  | "ERR_APNS_UNSUPPORTED"
  /** `send` was called after `close`. */
  | "ERR_APNS_TRANSPORT_CLOSED"
  /** The caller's `AbortSignal` fired. */
  | "ERR_APNS_ABORTED"
  /** A deadline passed. */
  | "ERR_APNS_TIMEOUT"
  /** No connection could be made: DNS, TCP, TLS or ALPN. */
  | "ERR_APNS_CONNECT_FAILED"
  /** A connection ended while notifications were on it. */
  | "ERR_APNS_CONNECTION_LOST"
  /** APNs ended the connection with a GOAWAY. */
  | "ERR_APNS_GOAWAY"
  /** APNs reset the stream of this notification. */
  | "ERR_APNS_STREAM_RESET"
  /** The peer broke the protocol. */
  | "ERR_APNS_PROTOCOL"
  /** The legacy gateway stayed silent: it may or may not have accepted. */
  | "ERR_APNS_SILENCE"
  /** A bounded queue is full: send less at a time. */
  | "ERR_APNS_QUEUE_FULL"
  /** A key, certificate or passphrase cannot be used. */
  | "ERR_APNS_CREDENTIALS"
  /** The source given to `sendAll` threw. */
  | "ERR_APNS_SOURCE"
  /** A callback given to `sendAll` threw. */
  | "ERR_APNS_CALLBACK"
  | (string & {});

export interface ApnsErrorOptions {
  /** The error or value that led to this error. */
  readonly cause?: unknown;
}

/** Base of every error in this family of packages. */
export class ApnsError extends Error {
  override readonly name: string = "ApnsError";
  readonly code: ApnsErrorCode;

  constructor(code: ApnsErrorCode, message: string, options?: ApnsErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

export interface InvalidArgumentOptions extends ApnsErrorOptions {
  /** @default "ERR_APNS_INVALID_ARGUMENT" */
  readonly code?: ApnsErrorCode;
  /** Address of the page that defines the rule. */
  readonly source?: string;
}

/** An argument or option is wrong. The message has the given value, the allowed ones, and the page that defines them. */
export class InvalidArgumentError extends ApnsError {
  override readonly name: string = "InvalidArgumentError";
  /** Path of the argument, such as `collapseId` or `auth.keyId`. */
  readonly field: string;
  /** Address of the page that defines the rule, mostly Apple's; `undefined` where the rule is this package's own. */
  readonly source: string | undefined;

  constructor(field: string, problem: string, options?: InvalidArgumentOptions) {
    const { code = "ERR_APNS_INVALID_ARGUMENT", source } = options ?? {};
    super(code, `${field}: ${problem}${source === undefined ? "" : ` See ${source}`}`, options);
    this.field = field;
    this.source = source;
  }
}

/** A value of the payload and its size. */
export interface PayloadKeySize {
  /** Path of the key, such as `aps.alert.body`. */
  readonly key: string;
  /** Bytes of UTF-8 of its value as JSON, quotes included, the key's name not. */
  readonly sizeBytes: number;
}

/** The payload exceeds what its push type and wire allow. */
export class PayloadTooLargeError extends InvalidArgumentError {
  override readonly name = "PayloadTooLargeError";
  /** Size of the encoded payload in bytes of UTF-8. */
  readonly sizeBytes: number;
  /** The limit in bytes. */
  readonly limitBytes: number;
  /** The largest values, at most five, largest first; empty for payloads that are not JSON. */
  readonly largestKeys: readonly PayloadKeySize[];

  constructor(sizeBytes: number, limitBytes: number, where: string, largestKeys: readonly PayloadKeySize[] = []) {
    const keys = largestKeys.map(({ key, sizeBytes: size }) => `${withoutSecrets(key)} ${size}`).join(", ");
    super(
      "payload",
      `${sizeBytes} bytes of UTF-8, but ${where} allows ${limitBytes}: shorten it by ${sizeBytes - limitBytes} bytes` +
        (keys === "" ? "." : ` (largest keys, in bytes: ${keys}).`),
      { code: "ERR_APNS_PAYLOAD_TOO_LARGE", source: generatingNotifications },
    );
    this.sizeBytes = sizeBytes;
    this.limitBytes = limitBytes;
    this.largestKeys = largestKeys;
  }
}

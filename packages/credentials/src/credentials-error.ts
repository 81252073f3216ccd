import { ApnsError, type ApnsErrorOptions } from "@apns/core";

/** What can be wrong with a file of credentials. Match on these, never on message texts. */
export type CredentialsErrorCode =
  /** Nothing is in it. */
  | "ERR_APNS_CREDENTIALS_EMPTY"
  /** It is larger than any key or certificate. */
  | "ERR_APNS_CREDENTIALS_TOO_LARGE"
  /** It is damaged, or nothing that is known here. */
  | "ERR_APNS_CREDENTIALS_UNREADABLE"
  /** It is something else than what was asked for, and it is known what. */
  | "ERR_APNS_CREDENTIALS_WRONG_KIND"
  /** It is encrypted, and no passphrase was given. */
  | "ERR_APNS_CREDENTIALS_PASSPHRASE_MISSING"
  /** The passphrase does not open it. */
  | "ERR_APNS_CREDENTIALS_PASSPHRASE_WRONG"
  /** It is protected in a way that is not understood here. */
  | "ERR_APNS_CREDENTIALS_UNSUPPORTED"
  /** There is a certificate, but no private key. */
  | "ERR_APNS_CREDENTIALS_NO_PRIVATE_KEY"
  /** There is a private key, but no certificate. */
  | "ERR_APNS_CREDENTIALS_NO_CERTIFICATE"
  /** There are several certificates with their keys, and nothing says which one is meant. */
  | "ERR_APNS_CREDENTIALS_AMBIGUOUS"
  /** The private key is not that of the certificate. */
  | "ERR_APNS_CREDENTIALS_KEY_MISMATCH"
  /** The key is of a kind that cannot do this. */
  | "ERR_APNS_CREDENTIALS_KEY_UNSUITABLE"
  /** The certificate is past its end. */
  | "ERR_APNS_CREDENTIALS_EXPIRED"
  /** The certificate is not valid yet. */
  | "ERR_APNS_CREDENTIALS_NOT_YET_VALID";

/** A key, certificate or passphrase cannot be used. The message never holds any of a key or passphrase. */
export class CredentialsError extends ApnsError {
  override readonly name = "CredentialsError";
  override readonly code: CredentialsErrorCode;
  /** What was found. */
  readonly problem: string;
  /** What to do next. */
  readonly fix: string;

  constructor(code: CredentialsErrorCode, problem: string, fix: string, options?: ApnsErrorOptions) {
    super(code, `${problem}: ${fix}`, options);
    this.code = code;
    this.problem = problem;
    this.fix = fix;
  }
}

import { ApnsError, type ApnsErrorOptions } from "@apns/core";

/** The codes of errors about keys, certificates and their files. Match on these, never on message texts. */
export type CredentialsErrorCode =
  /** The file is empty. */
  | "ERR_APNS_CREDENTIALS_EMPTY"
  /** The file is larger than any key or certificate, or holds too many of them. */
  | "ERR_APNS_CREDENTIALS_TOO_LARGE"
  /** The file is damaged, or of an unknown format. */
  | "ERR_APNS_CREDENTIALS_UNREADABLE"
  /** The file is of another known kind than the one asked for. */
  | "ERR_APNS_CREDENTIALS_WRONG_KIND"
  /** The file is encrypted, and no passphrase was given. */
  | "ERR_APNS_CREDENTIALS_PASSPHRASE_MISSING"
  /** The passphrase does not open the file. */
  | "ERR_APNS_CREDENTIALS_PASSPHRASE_WRONG"
  /** The file is protected by an algorithm that is not supported, or asks for too much work to open. */
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
  /** The fault that was found. */
  readonly problem: string;
  /** The next step to take. */
  readonly fix: string;

  constructor(code: CredentialsErrorCode, problem: string, fix: string, options?: ApnsErrorOptions) {
    super(code, `${problem}: ${fix}`, options);
    this.code = code;
    this.problem = problem;
    this.fix = fix;
  }
}

export {
  type AuthorityOptions,
  CertificateAuthority,
  type PushCertificateOptions,
  type ServerCertificateOptions,
} from "./certificate-authority.js";
export { writeCertificateDer } from "./certificate-file.js";
export {
  type CertificateRequest,
  type CertificateRequestOptions,
  createCertificateRequest,
} from "./certificate-request.js";
export type { CertificateValidity } from "./certificate-validity.js";
export { type CredentialFile, maxCredentialFileBytes, type NamedFile } from "./credential-file.js";
export { CredentialsError, type CredentialsErrorCode } from "./credentials-error.js";
export { describePushCertificate, type PushCertificateDescription } from "./describe-push-certificate.js";
export { type ReadIdentityOptions, readIdentity } from "./identity.js";
export {
  type CertificateReport,
  type ChainLink,
  type InspectCertificateOptions,
  inspectCertificates,
} from "./inspect/certificate.js";
export type { CertificateKind } from "./inspect/certificate-kind.js";
export {
  type InspectProviderTokenOptions,
  inspectProviderToken,
  type ProviderTokenProblem,
  type ProviderTokenReport,
} from "./inspect/provider-token.js";
export { inspectSigningKey, type SigningKeyReport } from "./inspect/signing-key.js";
export type { KeyType } from "./key-pair.js";
export type { P12Encryption } from "./p12/pbe.js";
export { type P12Contents, type P12Identity, readP12 } from "./p12/read-p12.js";
export { type WriteP12Options, writeP12 } from "./p12/write-p12.js";
export type { PemIdentity } from "./pem.js";
export { type PassphraseOptions, readPrivateKey, type WriteKeyOptions, writePrivateKey } from "./private-key.js";
export type { PushCertificateContentOptions } from "./push-certificate-options.js";
export type { PushCertificateTopic, TopicKind } from "./push-extensions.js";
export { readCertificates } from "./read-certificates.js";
export { generateSigningKey, type SigningKeyPair } from "./signing-key.js";
export { readVerificationKey } from "./verification-key.js";

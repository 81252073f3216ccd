export { maxCredentialFileBytes, type PushCertificateTopic, type TopicKind } from "@apns/core/der";
export {
  type AuthorityOptions,
  CertificateAuthority,
  type PushCertificateOptions,
  type ServerCertificateOptions,
} from "./authority/certificate-authority.js";
export {
  type CertificateRequest,
  type CertificateRequestOptions,
  createCertificateRequest,
} from "./authority/certificate-request.js";
export type { PushCertificateContentOptions } from "./authority/push-certificate-options.js";
export { type CertificateValidity, writeCertificateDer } from "./certificates/certificate.js";
export { describePushCertificate, type PushCertificateDescription } from "./certificates/describe-push-certificate.js";
export { CredentialsError, type CredentialsErrorCode } from "./credentials-error.js";
export type { PemIdentity } from "./encoding.js";
export type { P12Encryption } from "./encryption/pbe.js";
export type { CredentialFile, NamedFile } from "./files/credential-file.js";
export { readCertificates } from "./identity/read-certificates.js";
export { type ReadIdentityOptions, readIdentity } from "./identity/read-identity.js";
export { readIdentityInWorker } from "./identity/read-identity-in-worker.js";
export {
  type CertificateReport,
  type ChainLink,
  type InspectCertificateOptions,
  inspectCertificates,
} from "./inspect/certificate.js";
export type { CertificateKind } from "./inspect/certificate-kind.js";
export {
  type ApnsRoot,
  apnsRoot,
  type ChainRootReport,
  type InspectChainRootOptions,
  inspectChainRoot,
} from "./inspect/chain-root.js";
export {
  type InspectProviderTokenOptions,
  inspectProviderToken,
  type ProviderTokenProblem,
  type ProviderTokenReport,
} from "./inspect/provider-token.js";
export { inspectSigningKey, type SigningKeyReport } from "./inspect/signing-key.js";
export type { KeyType } from "./keys/key-pair.js";
export { generateSigningKey, type SigningKeyPair } from "./keys/key-pair.js";
export { type PassphraseOptions, readPrivateKey, type WriteKeyOptions, writePrivateKey } from "./keys/private-key.js";
export { readVerificationKey } from "./keys/verification-key.js";
export { type P12Contents, type P12Identity, readP12 } from "./p12/read-p12.js";
export { type WriteP12Options, writeP12 } from "./p12/write-p12.js";

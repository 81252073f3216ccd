export {
  type AuthorityOptions,
  CertificateAuthority,
  type PushCertificateOptions,
  type ServerCertificateOptions,
} from "./certificate-authority.js";
export { describePushCertificate, type PushCertificateDescription } from "./describe-push-certificate.js";
export type { KeyType } from "./key-pair.js";
export type { PemIdentity } from "./pem.js";
export type { PushCertificateTopic, TopicKind } from "./push-extensions.js";
export { generateSigningKey, type SigningKeyPair } from "./signing-key.js";

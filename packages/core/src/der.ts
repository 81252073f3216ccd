// Reads keys and certificates before they are given to Node's native code: see docs/decisions/0013.
export { type CertificateDescription, describeCertificate } from "./der/certificate.js";
export {
  type CredentialFileContent,
  type CredentialItem,
  maxCredentialFileBytes,
  readCredentialFile,
} from "./der/credential-file.js";
export {
  attributeOf,
  attributeTypes,
  type DistinguishedName,
  formatName,
  type NameAttribute,
} from "./der/distinguished-name.js";
export { type FileFormat, formatNames } from "./der/file-format.js";
export { describePublicKey, type KeyAlgorithm, type OtherAlgorithm } from "./der/key-algorithm.js";
export { encodePem } from "./der/pem.js";
export { describePrivateKey, type PrivateKeyDescription } from "./der/private-key.js";
export {
  decodeTopics,
  type PushCertificateClaims,
  type PushCertificateTopic,
  pushExtensions,
  readPushCertificate,
  type TopicKind,
} from "./der/push-certificate.js";
export { DerError, DerReader, type DerValue, derTags } from "./der/reader.js";

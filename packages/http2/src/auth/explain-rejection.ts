import type { PushCertificateClaims } from "@apns/core/der";
import { certificateSentence } from "@apns/net";

/** What authenticates, as far as a rejection can be explained by it. */
export type CredentialFacts =
  | { readonly type: "token"; readonly keyId: string; readonly teamId: string }
  /** `certificate` is undefined if it cannot be read. */
  | { readonly type: "certificate"; readonly certificate: PushCertificateClaims | undefined };

const environmentsOfHosts: ReadonlyMap<string, "production" | "development"> = new Map([
  ["api.push.apple.com", "production"],
  ["api-broadcast.push.apple.com", "production"],
  ["api-manage-broadcast.push.apple.com", "production"],
  ["api.sandbox.push.apple.com", "development"],
  ["api.development.push.apple.com", "development"],
  ["api-broadcast.sandbox.push.apple.com", "development"],
  ["api-manage-broadcast.sandbox.push.apple.com", "development"],
]);

/**
 * Explains a rejection that is about topic or environment: what was sent, and what the credentials allow.
 * @param topic as it was sent, or for broadcasts the app in the path; undefined if there was none
 * @returns whole sentences; undefined for other reasons
 */
export function explainRejection(
  reason: string,
  topic: string | undefined,
  host: string,
  credentials: CredentialFacts,
): string | undefined {
  const sent = topic === undefined ? "No topic was sent." : `The topic sent was ${topic}.`;
  switch (reason) {
    case "BadTopic":
      return sent;
    case "MissingTopic":
      return `${sent} ${allowed(credentials)} Give \`topic\` to the transport, or to the notification.`;
    case "TopicDisallowed":
      return `${sent} ${allowed(credentials)}`;
    case "TopicMismatch":
      return `The path named ${topic}. ${allowed(credentials)}`;
    case "DeviceTokenNotForTopic":
      return `${sent} The device token belongs to another app, or to another kind of push of this one. ${allowed(credentials)}`;
    case "BadCertificateEnvironment":
    case "BadEnvironmentKeyInToken":
    case "BadEnvironmentKeyIdInToken":
      return `${addressed(host)} ${allowed(credentials)} Correct \`environment\`, or the credentials.`;
    default:
      return undefined;
  }
}

function addressed(host: string): string {
  const environment = environmentsOfHosts.get(host);
  return environment === undefined ? `The host was ${host}.` : `The host was ${host}, that is ${environment}.`;
}

function allowed(credentials: CredentialFacts): string {
  if (credentials.type === "certificate") {
    const { certificate } = credentials;
    return certificate === undefined ? "The certificate cannot be read here." : certificateSentence(certificate);
  }
  const { keyId, teamId } = credentials;
  return (
    `Key ${keyId} may push to apps of team ${teamId} only, and to fewer topics, or in one environment, where Apple's ` +
    "portal restricts it so."
  );
}

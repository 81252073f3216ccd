import { appleEndpoints } from "@apns/core";
import { CertificateAuthority, generateSigningKey, type PemIdentity } from "@apns/credentials";
import type { WrongCertificate } from "./faults/fault.js";
import type { ResolvedOptions } from "./options.js";

/** Everything a sender needs to be let in. */
export interface SimulatorCredentials {
  readonly bundleId: string;
  /** The same as the bundle ID, under the name senders know. */
  readonly topic: string;
  readonly teamId: string;
  readonly keyId: string;
  /** The signing key, as the text of a `.p8` file. */
  readonly signingKey: string;
  /** A universal push certificate with its key: `cert` and `key` as Node's TLS takes them. */
  readonly tls: PemIdentity;
  /** The authority that issued the servers' certificate and this one: PEM. */
  readonly ca: string;
}

export interface Identities {
  readonly authority: CertificateAuthority;
  readonly server: PemIdentity;
  readonly credentials: SimulatorCredentials;
  readonly signingPublicKey: string;
  /** A server's certificate that clients should not accept, made when it is asked for. */
  wrongServer(wrong: WrongCertificate): Promise<PemIdentity>;
}

/** Apple's names for servers that only broadcasts and channels have to do with. */
const broadcastHosts = ["api-broadcast", "api-manage-broadcast"].flatMap((name) => [
  `${name}.push.apple.com`,
  `${name}.sandbox.push.apple.com`,
]);

const longAgo = { notBefore: new Date("2020-01-01T00:00:00Z"), notAfter: new Date("2021-01-01T00:00:00Z") };

/** Keys and certificates of a simulator's own, thrown away with it. */
export async function makeIdentities(options: ResolvedOptions): Promise<Identities> {
  const { bundleId, teamId, keyId, keyType, host, hosts } = options;
  const authority = await CertificateAuthority.create({ keyType, commonName: "APNs Simulator Authority" });
  // Some senders check the name and can only be given Apple's: the certificate answers to all of them.
  const appleNames = [
    ...Object.values(appleEndpoints).flatMap((services) => Object.values(services).map(({ host }) => host)),
    ...broadcastHosts,
  ];
  const names = [...new Set(["localhost", "127.0.0.1", "::1", host, ...hosts, ...appleNames])];
  const [server, tls, { key: signingKey, publicKey }] = await Promise.all([
    authority.issueServer({ hosts: names }),
    authority.issuePushCertificate({ bundleId, teamId, environments: ["production", "development"] }),
    generateSigningKey(),
  ]);
  return {
    authority,
    server,
    credentials: { bundleId, topic: bundleId, teamId, keyId, signingKey, tls, ca: authority.cert },
    signingPublicKey: publicKey,
    wrongServer: async (wrong) => {
      if (wrong === "otherName") return authority.issueServer({ hosts: ["elsewhere.invalid"] });
      if (wrong === "expired") return authority.issueServer({ hosts: names, ...longAgo });
      const stranger = await CertificateAuthority.create({ keyType, commonName: "Somebody Else's Authority" });
      return stranger.issueServer({ hosts: names });
    },
  };
}

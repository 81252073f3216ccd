import { CertificateAuthority, type PemIdentity } from "@apns/credentials";

/** Throw-away certificates: not stored, and trusted only by the tests that use them. */
export interface TestIdentities {
  /** PEM of the authority that issued the others. */
  readonly ca: string;
  /** For localhost, 127.0.0.1 and ::1. */
  readonly server: PemIdentity;
  /** A push certificate for com.example.App, both environments. */
  readonly client: PemIdentity;
  readonly authority: CertificateAuthority;
}

let made: Promise<TestIdentities> | undefined;

/** Made once per test process. Tests that need other certificates issue them by `authority`. */
export function testIdentities(): Promise<TestIdentities> {
  made ??= makeIdentities();
  return made;
}

async function makeIdentities(): Promise<TestIdentities> {
  const authority = await CertificateAuthority.create({ commonName: "Throw-away Test CA", keyType: "ec" });
  const [server, client] = await Promise.all([
    authority.issueServer({ hosts: ["localhost", "127.0.0.1", "::1"], keyType: "ec" }),
    authority.issuePushCertificate({
      bundleId: "com.example.App",
      teamId: "TEAM123456",
      environments: ["development", "production"],
      keyType: "ec",
    }),
  ]);
  return { ca: authority.cert, server, client, authority };
}

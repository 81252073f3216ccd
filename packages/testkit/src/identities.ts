import { CertificateAuthority, type PemIdentity } from "@apns/credentials";

/** Throw-away certificates: nothing is stored, nothing is trusted outside the test that asked. */
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

/** Made once in each test process: tests that need their own kind issue it from `authority`. */
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

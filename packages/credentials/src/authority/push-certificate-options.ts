// Apart from what uses it: whatever the declarations of this package lead to must not name types of @peculiar/x509, which do not
// compile without those of a browser.
import type { PushCertificateTopic } from "@apns/core/der";
import type { ValidityOptions } from "./validity-period.js";

export interface PushCertificateContentOptions extends ValidityOptions {
  /** The app; becomes the subject's UID, which is the certificate's topic. */
  readonly bundleId: string;
  /** The team the app belongs to; becomes the subject's OU. */
  readonly teamId: string;
  /** Both make a universal certificate, the kind Apple issues nowadays. */
  readonly environments: readonly ("production" | "development")[];
  /**
   * The topics listed in the certificate; an empty list leaves the list out, which makes the bundle ID the only topic.
   * @default for a universal certificate the bundle ID, its `.voip` and its `.complication`; else none
   */
  readonly topics?: readonly PushCertificateTopic[];
  /** @default Apple's prefix for that kind of certificate, then the bundle ID */
  readonly commonName?: string;
}

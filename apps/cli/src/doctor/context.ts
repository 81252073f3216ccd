import type { ResolvedEndpoint, Wire } from "@apns/core";
import type { ProxyAddress } from "@apns/net";
import type { CertificateCredentials, TokenCredentials } from "../settings/credentials.js";
import type { Settings } from "../settings/settings.js";

/** The subject of the checks. */
export interface DoctorContext {
  readonly settings: Settings;
  readonly wire: Wire;
  /** Where the wire that is looked at ends. */
  readonly endpoint: ResolvedEndpoint;
  /** Whether that is a server of Apple's. */
  readonly isApple: boolean;
  /** Which environment it is, or stands for; `undefined` if nobody has said. */
  readonly environment: "production" | "development" | undefined;
  readonly proxy: ProxyAddress | undefined;
  readonly credentials: TokenCredentials | CertificateCredentials | undefined;
  readonly topic: string | undefined;
  readonly timeoutMs: number;
}

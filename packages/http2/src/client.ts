import { ProviderTokenSource } from "./auth/provider-token.js";
import type { Authorizer } from "./engine/authorizer.js";
import { Engine } from "./engine/engine.js";
import type { ResolvedHttp2ClientOptions } from "./options.js";

/** What transports and clients of this package have in common: an engine, and who they are. */
export interface Client {
  readonly engine: Engine;
  /** Undefined with a certificate. */
  readonly authorizer: Authorizer | undefined;
  /** Value of `:authority`. */
  readonly authority: string;
}

export function makeEngine(options: ResolvedHttp2ClientOptions): Client {
  const { auth, endpoint, clock } = options;
  const authorizer = auth.type === "token" ? new ProviderTokenSource({ ...auth, clock }) : undefined;
  const { servername, port } = endpoint;
  const name = servername.includes(":") ? `[${servername}]` : servername;
  return {
    engine: new Engine({ ...options, authorizer, maxBodyBytes: 16_384 }),
    authorizer,
    authority: port === 443 ? name : `${name}:${port}`,
  };
}

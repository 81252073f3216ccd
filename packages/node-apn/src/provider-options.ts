export interface ProviderToken {
  /** The signing key (`.p8`): the name of the file, or what is in it. */
  key: Buffer | string;
  /** Ten characters; the `.p8` file's name holds it. */
  keyId: string;
  /** Ten characters; your account page shows it. */
  teamId: string;
}

export interface HttpProxy {
  host: string;
  port: number | string;
}

/** Options of node-apn, with its defaults. `undefined` and `null` are as good as absent. */
export interface ProviderOptions {
  /** Authentication by provider token; without it, by certificate. */
  token?: ProviderToken | null;
  /** The certificate: the name of the file, or what is in it as PEM. @default "cert.pem" */
  cert?: string | Buffer;
  /** Its key: the name of the file, or what is in it as PEM. @default "key.pem" */
  key?: string | Buffer;
  /** Authorities that are trusted in place of the system's: names of files, or PEM. */
  ca?: string | Buffer | (string | Buffer)[];
  /** Certificate and key in one: the name of the `.p12` file, or its bytes. Goes before `cert` and `key`. */
  pfx?: string | Buffer;
  /** What `key` or `pfx` is encrypted with. */
  passphrase?: string;
  /** Apple's production servers, or those of the sandbox. @default whether NODE_ENV is "production" */
  production?: boolean;
  /** A server of your own, in place of Apple's. */
  address?: string;
  /** @default 443 */
  port?: number;
  /** A server of your own for the management of channels. */
  manageChannelsAddress?: string;
  /** @default 2196, in the sandbox 2195 */
  manageChannelsPort?: number;
  /** An HTTP proxy to tunnel through. */
  proxy?: HttpProxy | null;
  /** The same for the management of channels. */
  manageChannelsProxy?: HttpProxy | null;
  /** `false` accepts any certificate of the server: anyone on the path can then read everything. @default true */
  rejectUnauthorized?: boolean;
  /** After so many failed attempts to connect in a row, while no connection is open, all that waits fails. @default 3 */
  connectionRetryLimit?: number;
  /** A connection without requests is checked by a PING every so many milliseconds. @default 60_000 */
  heartBeat?: number;
  /** How long APNs may take to answer a request that was sent, in milliseconds; 0 is no limit. @default 5000 */
  requestTimeout?: number;
}

export interface MultiProviderOptions extends ProviderOptions {
  /** How many connections may be open at a time, at most 100. @default 2 */
  clientCount?: number;
}

import { type ClientHttp2Session, connect as connectHttp2 } from "node:http2";
import { isIP } from "node:net";
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from "node:tls";
import { ApnsError, type ResolvedEndpoint } from "@apns/core";
import type { TlsIdentity } from "./options.js";

/** No connection could be made. */
export class ConnectError extends ApnsError {
  override readonly name = "ConnectError";
  /** Whether another attempt may succeed without anybody changing anything. */
  readonly retryable: boolean;

  constructor(message: string, retryable: boolean, cause?: unknown) {
    super("ERR_APNS_CONNECT_FAILED", message, { cause });
    this.retryable = retryable;
  }
}

/** TLS failures that the same attempt will meet again: the server's certificate or name is not to be trusted. */
const certificateProblems: ReadonlySet<string> = new Set([
  "CERT_HAS_EXPIRED",
  "CERT_NOT_YET_VALID",
  "CERT_REVOKED",
  "CERT_UNTRUSTED",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "ERR_TLS_CERT_ALTNAME_INVALID",
  "HOSTNAME_MISMATCH",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
]);

export interface EstablishedSession {
  readonly session: ClientHttp2Session;
  readonly socket: TLSSocket;
}

/**
 * TCP, TLS with ALPN `h2`, and the server's first SETTINGS: only then is it known how many streams it takes.
 * @throws {ConnectError}
 */
export async function establish(
  endpoint: ResolvedEndpoint,
  identity: TlsIdentity | undefined,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<EstablishedSession> {
  const where = `${endpoint.host}:${endpoint.port}`;
  let socket: TLSSocket | undefined;
  let session: ClientHttp2Session | undefined;
  let stage = "connect";
  let timer: NodeJS.Timeout | undefined;
  const onAbort = (): void => void socket?.destroy();
  try {
    const overdue = new Promise<never>((_, reject) => {
      timer = setTimeout(
        () => reject(new ConnectError(`${where}: no ${stage} within ${timeoutMs} ms.`, true)),
        timeoutMs,
      );
    });
    const opened = connectTls(tlsOptions(endpoint, identity));
    socket = opened;
    signal.addEventListener("abort", onAbort);
    await Promise.race([once(opened, "secureConnect"), overdue]);
    if (opened.alpnProtocol !== "h2") {
      throw new ConnectError(`${where} does not speak HTTP/2 (no ALPN "h2"); check host and port.`, false);
    }
    stage = "SETTINGS";
    const started = connectHttp2(`https://${where}`, {
      createConnection: () => opened,
      settings: { enablePush: false },
    });
    session = started;
    await Promise.race([once(started, "remoteSettings"), overdue]);
    return { session: started, socket: opened };
  } catch (error) {
    session?.destroy();
    socket?.destroy();
    throw error instanceof ConnectError ? error : describe(where, error as NodeJS.ErrnoException);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", onAbort);
  }
}

function tlsOptions(endpoint: ResolvedEndpoint, identity: TlsIdentity | undefined): ConnectionOptions {
  const { host, port, servername, ca } = endpoint;
  return {
    host,
    port,
    // An IP address is no server name (RFC 6066, section 3); Node then verifies the certificate against `host`.
    ...(isIP(servername) === 0 ? { servername } : {}),
    ...(ca === undefined ? {} : { ca: ca as string | Buffer | (string | Buffer)[] }),
    ...identity,
    ALPNProtocols: ["h2"],
    minVersion: "TLSv1.2",
  };
}

/** Resolves with the event; rejects if the emitter fails or closes first. */
function once(emitter: TLSSocket | ClientHttp2Session, event: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (action: () => void) => () => {
      emitter.off(event, onEvent);
      emitter.off("close", onClose);
      action();
    };
    const onEvent = settle(resolve);
    const onClose = settle(() => reject(new Error("the server closed the connection")));
    emitter.once(event, onEvent);
    emitter.once("close", onClose);
    // Left in place for good: an error after the outcome is decided must not become an uncaught one.
    emitter.on("error", reject);
  });
}

function describe(where: string, error: NodeJS.ErrnoException): ConnectError {
  const code = error.code ?? "";
  if (certificateProblems.has(code)) {
    return new ConnectError(
      `${where}: the server's certificate is not to be trusted (${code}). For a server of your own, give its authority as environment.ca.`,
      false,
      error,
    );
  }
  // What OpenSSL says of a key, certificate or passphrase that it cannot use, before anything is sent.
  if (
    code.startsWith("ERR_OSSL") ||
    code === "ERR_CRYPTO_INVALID_KEYLEN" ||
    /mac verify failure/i.test(error.message)
  ) {
    return new ConnectError(
      `the client certificate, its key or its passphrase cannot be used (${code}).`,
      false,
      error,
    );
  }
  return new ConnectError(`${where}: ${error.message}`, true, error);
}

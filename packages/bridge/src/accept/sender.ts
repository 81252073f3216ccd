import { BlockList, isIP } from "node:net";
import { InvalidArgumentError } from "@apns/core";
import { checkInteger, checkText } from "@apns/core/internal";
import type { InboundSender } from "../inbound/connection.js";
import type { ResendDedup } from "../inbound/resend-dedup.js";
import { Semaphore } from "../inbound/semaphore.js";
import type { Peer } from "./peer.js";

/** The marks of a sender. Every condition given must hold; at least one must be given. */
export interface SenderMatch {
  /** SHA-256 of its certificate, in hexadecimal, colons allowed. The holder of its key is trusted, by whatever authority it was issued. */
  readonly fingerprint?: string | readonly string[];
  /** The subject UID of a certificate that an authority of `tls.clientCa` has issued. */
  readonly uid?: string;
  /** A topic that such a certificate lists. Needs `readCertificate`. */
  readonly listedTopic?: string;
  /** The port it connects to. */
  readonly port?: number;
  /** The name it asks for in the TLS handshake. */
  readonly servername?: string;
  /** Its address, or a network such as `10.0.0.0/8`. */
  readonly address?: string;
}

/** A legacy sender that is let in. */
export interface SenderOptions {
  /** Its name in logs, metrics and the report. */
  readonly name: string;
  /** The name of the app it sends for. It can send for no other. */
  readonly app: string;
  readonly match: SenderMatch;
  /** How many connections it may have at a time, to read feedback included. Some open one per notification. @default 500 */
  readonly maxConnections?: number;
  /** How many of its notifications may be undecided at a time. @default 10_000 */
  readonly maxUndecided?: number;
}

/** A sender with everything that its connections share. */
export class Sender implements InboundSender {
  readonly name: string;
  readonly app: string;
  readonly maxConnections: number;
  readonly permits: Semaphore;
  readonly resends: ResendDedup;
  readonly #match: SenderMatch;
  readonly #fingerprints: ReadonlySet<string>;
  readonly #network: BlockList | undefined;

  /** @throws {InvalidArgumentError} naming the option that is wrong */
  constructor(options: SenderOptions, field: string, appPermits: Semaphore, resends: ResendDedup) {
    this.name = checkText(`${field}.name`, options.name);
    this.app = checkText(`${field}.app`, options.app);
    this.maxConnections = checkInteger(`${field}.maxConnections`, options.maxConnections ?? 500, 1);
    const maxUndecided = checkInteger(`${field}.maxUndecided`, options.maxUndecided ?? 10_000, 1);
    this.permits = new Semaphore(maxUndecided, appPermits);
    this.resends = resends;
    const { match } = options;
    this.#match = match;
    this.#fingerprints = new Set([match.fingerprint ?? []].flat().map((text) => checkFingerprint(field, text)));
    this.#network = match.address === undefined ? undefined : network(`${field}.match.address`, match.address);
    if (Object.values(match).every((condition) => condition === undefined)) {
      throw new InvalidArgumentError(`${field}.match`, "is empty: everybody would be taken for this sender.");
    }
  }

  /** Whether the sender is known by its certificate. */
  get needsCertificate(): boolean {
    const { uid, listedTopic } = this.#match;
    return this.#fingerprints.size > 0 || uid !== undefined || listedTopic !== undefined;
  }

  /** Whether its certificate is known by the authority that issued it. */
  get needsAuthority(): boolean {
    return this.#match.uid !== undefined || this.#match.listedTopic !== undefined;
  }

  /** @param certificateRequired whether a trusted certificate must be shown even where no condition asks for one */
  matches({ certificate, ...peer }: Peer, certificateRequired: boolean): boolean {
    const { uid, listedTopic, port, servername } = this.#match;
    if (port !== undefined && port !== peer.localPort) return false;
    if (servername !== undefined && servername.toLowerCase() !== peer.servername) return false;
    if (this.#network !== undefined && !this.#network.check(plain(peer.address), family(peer.address))) return false;
    const pinned = certificate !== undefined && this.#fingerprints.has(certificate.fingerprint);
    if (this.#fingerprints.size > 0 && !pinned) return false;
    const trusted = certificate?.trusted === true;
    if (uid !== undefined && !(trusted && certificate.uid === uid)) return false;
    if (listedTopic !== undefined && !(trusted && certificate.topics.includes(listedTopic))) return false;
    return pinned || trusted || !certificateRequired;
  }
}

function checkFingerprint(field: string, text: string): string {
  const digits = text.replaceAll(":", "").toUpperCase();
  if (/^[0-9A-F]{64}$/.test(digits)) return digits;
  throw new InvalidArgumentError(
    `${field}.match.fingerprint`,
    "is not a SHA-256 fingerprint of 64 hexadecimal digits; `openssl x509 -noout -fingerprint -sha256` prints one.",
  );
}

function network(field: string, text: string): BlockList {
  const [address = "", bits, ...rest] = text.split("/");
  const list = new BlockList();
  const most = isIP(address) === 6 ? 128 : 32;
  const prefix = bits === undefined ? most : Number(bits);
  if (isIP(address) === 0 || rest.length > 0 || !Number.isInteger(prefix) || prefix < 0 || prefix > most) {
    throw new InvalidArgumentError(field, "is neither an IP address nor a network such as 10.0.0.0/8.");
  }
  list.addSubnet(address, prefix, family(address));
  return list;
}

/** A server that listens on IPv6 and IPv4 sees IPv4 addresses mapped into IPv6. */
function plain(address: string): string {
  return address.startsWith("::ffff:") && isIP(address.slice(7)) === 4 ? address.slice(7) : address;
}

function family(address: string): "ipv4" | "ipv6" {
  return isIP(plain(address)) === 6 ? "ipv6" : "ipv4";
}

import { ApnsError, type CertificateAuthorities } from "@apns/core";
import { apnsRoot, inspectChainRoot } from "@apns/credentials";
import { type Check, failed, passed, skipped } from "./check.js";

const id = "root";

export interface RootContext {
  /** The certificates that the server presents, DER each. */
  readonly chain: readonly Uint8Array[];
  /** The authorities given by `--ca`; else those of this runtime count. */
  readonly ca: CertificateAuthorities | undefined;
  readonly isApple: boolean;
}

/**
 * Names the root that the server's chain ends in, and whether this runtime has it: Apple's leaves the root programs of browsers
 * between 2025 and 2027, and Node's list follows them.
 */
export function checkRoot({ chain, ca, isApple }: RootContext): Check {
  const given = ca === undefined ? {} : { roots: [ca].flat().map(String) };
  try {
    const { name, isTrusted, isApnsRoot, notAfter } = inspectChainRoot(chain.map(Buffer.from), given);
    if (isApple && !isApnsRoot) {
      return failed(
        id,
        `the chain ends in ${name}, not in ${apnsRoot.commonName}`,
        "something between here and Apple opens TLS: exempt Apple's hosts from inspection; or Apple has changed its root: see developer.apple.com",
      );
    }
    if (!isTrusted) {
      return failed(
        id,
        `the chain ends in ${name}, which ${ca === undefined ? "this runtime does not have" : "--ca does not hold"}`,
        isApple
          ? "add that root by NODE_EXTRA_CA_CERTS, or take a newer Node; the README of @apns/credentials says how"
          : "give the authority of this server by --ca",
      );
    }
    const until = notAfter === undefined ? "" : `, valid until ${notAfter.toISOString().slice(0, 10)}`;
    return passed(id, `${name}, ${ca === undefined ? "which this runtime has" : "from --ca"}${until}`);
  } catch (error) {
    if (!(error instanceof ApnsError)) throw error;
    return skipped(id, error.message);
  }
}

import dns, { type LookupAddress } from "node:dns";
import { syncBuiltinESMExports } from "node:module";

/** Makes `name` resolve to these IPv4 addresses, in this order; other names resolve as before. Returns what undoes it. */
export function nameWithAddresses(name: string, addresses: readonly string[]): () => void {
  const original = dns.lookup;
  const entries: LookupAddress[] = addresses.map((address) => ({ address, family: 4 }));
  const lookup = (hostname: string, options: dns.LookupOptions, callback: (...answer: unknown[]) => void): void => {
    if (hostname !== name) original(hostname, options, callback as never);
    else if (options.all) setImmediate(callback, null, entries);
    else setImmediate(callback, null, entries[0]!.address, 4);
  };
  dns.lookup = lookup as unknown as typeof dns.lookup;
  syncBuiltinESMExports();
  return () => {
    dns.lookup = original;
    syncBuiltinESMExports();
  };
}

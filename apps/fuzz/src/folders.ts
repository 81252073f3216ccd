import { join } from "node:path";

/** Where this app is, from the source and from what is built of it. */
const home = join(import.meta.dirname, "..");

export const corpusFolder: string = join(home, "corpus");
export const findingsFolder: string = join(home, "findings");
/** Sound keys, certificates and archives, as OpenSSL and Keychain write them. */
export const credentialFixtures: string = join(home, "../../packages/credentials/test/fixtures");

import { readdir, readFile, stat } from "node:fs/promises";
import { basename, extname, join } from "node:path";
import { maxCredentialFileBytes, writeCertificateDer } from "@apns/credentials";
import type { Simulator } from "@apns/simulator";
import type { OwnedFiles } from "./owned-files.js";

/** Often enough for a person who waits; a watch of the file system would miss files on some of them. */
const lookEveryMs = 300;

const requestExtensions: ReadonlySet<string> = new Set([".csr", ".certsigningrequest"]);

/** Does what Apple's portal does: a signing request that is put into the folder comes back as a certificate. */
export function servePortal(
  simulator: Simulator,
  folder: string,
  files: OwnedFiles,
  say: (text: string) => void,
): { stop(): void } {
  const answered = new Set<string>();
  /** At the last look: a file that still grows is not there yet. */
  const sizes = new Map<string, number>();
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  const look = async (): Promise<void> => {
    const names = await readdir(folder).catch(() => []);
    for (const name of names) {
      if (!requestExtensions.has(extname(name).toLowerCase()) || answered.has(name)) continue;
      const { size } = await stat(join(folder, name)).catch(() => ({ size: 0 }));
      if (size === 0 || sizes.get(name) !== size) {
        sizes.set(name, size);
        continue;
      }
      // Once, whatever becomes of it: a request that cannot be read does not become better.
      answered.add(name);
      say(await sign(simulator, folder, files, name));
    }
    if (!stopped) timer = setTimeout(look, lookEveryMs);
  };
  timer = setTimeout(look, 0);
  return {
    stop: () => {
      // Also if a look is under way just now.
      stopped = true;
      clearTimeout(timer);
    },
  };
}

/** Signs one request; what there is to say about it. */
async function sign(
  { authority, credentials }: Simulator,
  folder: string,
  files: OwnedFiles,
  name: string,
): Promise<string> {
  const path = join(folder, name);
  const target = `${basename(name, extname(name))}.cer`;
  try {
    const content = await readFile(path);
    if (content.length > maxCredentialFileBytes) throw new Error("it is too large");
    const { bundleId, teamId } = credentials;
    const certificate = await authority.signPushRequest(
      { name: path, content },
      { bundleId, teamId, environments: ["production", "development"] },
    );
    await files.write(new Map([[target, writeCertificateDer(certificate)]]));
    return `signed ${path}: the certificate is ${join(folder, target)}`;
  } catch (error) {
    return `${path} could not be signed: ${(error as Error).message}`;
  }
}

import { fileProviderChanges, generatingNotifications, liveActivities, mdmCommands } from "../apple-pages.js";
import type { PushType } from "../push-type.js";

/** A fault of a payload. */
export interface PayloadFinding {
  /**
   * `error`: APNs refuses the payload, or no device does anything with it. `warning`: a part of it is ignored, or is probably not
   * meant.
   */
  readonly level: "error" | "warning";
  /** Stable; match on this, not on `problem`. */
  readonly code: PayloadFindingCode;
  /** Path of the key, such as `aps.alert.body`; empty for the payload as a whole. */
  readonly path: string;
  /** A sentence that begins behind the path: `is missing.` */
  readonly problem: string;
  /** Address of Apple's page. */
  readonly source: string;
}

export type PayloadFindingCode =
  /** There are no bytes. APNs answers `PayloadEmpty`. */
  | "empty"
  /** More bytes than the push type allows on the wire. APNs answers `PayloadTooLarge`. */
  | "tooLarge"
  /** UTF-16, a byte order mark, or bytes that are not UTF-8. */
  | "encoding"
  /** Not JSON. */
  | "notJson"
  /** JSON, but not an object. */
  | "notObject"
  /** A key without which devices ignore the push. */
  | "missingKey"
  /** A key that Apple does not define at this place. */
  | "unknownKey"
  /** A key of `aps` that stands beside it, or of `alert` that stands in `aps`. */
  | "misplacedKey"
  /** A value of another kind than Apple defines. */
  | "wrongKind"
  /** An instant in milliseconds, where devices read seconds. */
  | "milliseconds";

const pages: Readonly<Record<string, string>> = {
  liveactivity: liveActivities,
  mdm: mdmCommands,
  fileprovider: fileProviderChanges,
};

/** The limit of findings: a payload of an attacker must not fill a terminal. */
const maxFindings = 100;

/** The findings of one payload, in order. */
export class Findings {
  readonly list: PayloadFinding[] = [];
  readonly #source: string;

  constructor(pushType: PushType) {
    this.#source = (Object.hasOwn(pages, pushType) ? pages[pushType] : undefined) ?? generatingNotifications;
  }

  error(code: PayloadFindingCode, path: string, problem: string): void {
    this.#add({ level: "error", code, path, problem, source: this.#source });
  }

  warning(code: PayloadFindingCode, path: string, problem: string): void {
    this.#add({ level: "warning", code, path, problem, source: this.#source });
  }

  #add(finding: PayloadFinding): void {
    if (this.list.length < maxFindings) this.list.push(finding);
  }
}

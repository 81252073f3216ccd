import { appendFileSync, closeSync, mkdirSync, openSync } from "node:fs";
import { dirname } from "node:path";
import type { AuditedRejection } from "@apns/bridge";
import { InvalidArgumentError, type Notification } from "@apns/core";
import { printableJson, showPath } from "@apns/core/internal";
import type { Logger } from "pino";

/**
 * A line of JSON for each notification that was not simply accepted; nothing without a file. Written at once and with
 * nothing in between: such lines are rare, and pino's destination, which the log goes to, waits for ever at its end where
 * a disk is full.
 */
export class Audit {
  readonly #path: string | undefined;
  readonly #log: Logger;
  readonly #hasPayload: boolean;
  #file: number | undefined;
  #failing = false;

  /**
   * @param options.hasPayload whether lines have all that is needed to send the notification again
   * @throws {InvalidArgumentError} if the file cannot be opened
   */
  constructor(path: string | undefined, log: Logger, { hasPayload = false }: { readonly hasPayload?: boolean } = {}) {
    this.#path = path;
    this.#log = log;
    this.#hasPayload = hasPayload;
    try {
      this.#file = this.#open();
    } catch (cause) {
      const { code } = cause as NodeJS.ErrnoException;
      throw new InvalidArgumentError("audit", `${showPath(path!)} cannot be opened for writing (${code}).`, { cause });
    }
  }

  write({ notification, ...entry }: AuditedRejection): void {
    this.#append(this.#hasPayload && notification !== undefined ? { ...entry, ...contentOf(notification) } : entry);
  }

  /** A notification that the audit names was sent again. */
  writeReplay(entry: { readonly replayed: string; readonly done: string }): void {
    this.#append(entry);
  }

  #append(entry: object): void {
    if (this.#file === undefined) return;
    try {
      appendFileSync(this.#file, `${printableJson({ at: new Date(), ...entry })}\n`);
      this.#failing = false;
    } catch (error) {
      // Told once, lest a full disk get a line in the log for each that is missing in the audit.
      if (!this.#failing)
        this.#log.error({ error: (error as NodeJS.ErrnoException).code }, "The audit cannot be written.");
      this.#failing = true;
    }
  }

  /** For log rotation: the file may have been moved away. Where that fails, the old one is written on. */
  reopen(): void {
    try {
      const file = this.#open();
      this.close();
      this.#file = file;
    } catch (error) {
      this.#log.error(
        { error: (error as NodeJS.ErrnoException).code },
        "The audit cannot be opened anew; the old file is written on.",
      );
    }
  }

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }

  #open(): number | undefined {
    if (this.#path === undefined) return undefined;
    // For their owner alone: it names device tokens.
    mkdirSync(dirname(this.#path), { recursive: true, mode: 0o700 });
    return openSync(this.#path, "a", 0o600);
  }
}

/** What is needed to send a notification again, beside the app and the device token. */
export interface AuditedContent {
  /** Base64. */
  readonly payload: string;
  readonly pushType: string;
  readonly priority: number | undefined;
  /** UNIX seconds. */
  readonly expiration: number | undefined;
}

function contentOf({ encodedPayload, pushType, priority, expiration }: Notification): AuditedContent {
  return { payload: Buffer.from(encodedPayload).toString("base64"), pushType, priority, expiration };
}

import { fileProviderChanges } from "../apple-pages.js";
import { checkText } from "../internal/check.js";
import type { Notification } from "../notification.js";
import { type DeliveryOptions, namesWith } from "../notification-options.js";
import { given, makeNotification } from "./payload-parts.js";

export interface FileProviderOptions extends DeliveryOptions {
  /** The changed container: `NSFileProviderWorkingSetContainerItemIdentifier`, or the item identifier of a folder. */
  readonly containerIdentifier: string;
  /** The domain's identifier. @default the app's own domain */
  readonly domain?: string;
}

const names = namesWith<FileProviderOptions>({ containerIdentifier: true, domain: true });

/**
 * Tells the system that files of a File Provider have changed, so that it fetches the changes. Topic suffix
 * `.pushkit.fileprovider`.
 *
 * @throws {InvalidArgumentError} naming the field
 * @throws {PayloadTooLargeError} over 4096 bytes
 */
export function fileProvider(options: FileProviderOptions): Notification {
  const delivery = given(options);
  const { containerIdentifier, domain } = delivery;
  const payload = {
    "container-identifier": checkText("containerIdentifier", containerIdentifier, fileProviderChanges),
    ...(domain === undefined ? {} : { domain: checkText("domain", domain, fileProviderChanges) }),
  };
  return makeNotification("fileprovider", delivery, names, payload);
}

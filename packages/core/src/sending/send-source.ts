// The sources that `sendAll` takes, and how items are pulled from them.

import { InvalidArgumentError } from "../errors.js";
import { show } from "../internal/check.js";
import type { Notification } from "../notification.js";
import type { SendOptions } from "../transport.js";

/** One notification for one device. */
export interface SendItem {
  readonly notification: Notification;
  readonly deviceToken: string;
  readonly options?: SendOptions;
}

/** Items one by one, or one notification and its device tokens. */
export type SendSource =
  | Iterable<SendItem>
  | AsyncIterable<SendItem>
  | { readonly notification: Notification; readonly deviceTokens: Iterable<string> | AsyncIterable<string> };

/** An iterator over any source: synchronous for iterables, asynchronous for async ones. `undefined` is the end. */
export interface OpenSource {
  next(): SendItem | undefined | Promise<SendItem | undefined>;
  close(): void | Promise<void>;
}

/** @throws {InvalidArgumentError} if the source is not iterable */
export function openSource(source: SendSource): OpenSource {
  if (typeof source === "object" && source !== null && "deviceTokens" in source) {
    const { notification, deviceTokens } = source;
    let isFirst = true;
    return openIterable("source.deviceTokens", deviceTokens, (value) => {
      const deviceToken = isFirst ? withoutByteOrderMark(value) : value;
      isFirst = false;
      return { notification, deviceToken };
    });
  }
  return openIterable("source", source, (item) => item);
}

/** The first line of a file that is read line by line has the file's byte order mark. */
function withoutByteOrderMark(deviceToken: string): string {
  return typeof deviceToken === "string" && deviceToken.startsWith("\uFEFF") ? deviceToken.slice(1) : deviceToken;
}

function openIterable<T>(
  field: string,
  iterable: Iterable<T> | AsyncIterable<T>,
  toItem: (value: T) => SendItem,
): OpenSource {
  if (typeof iterable === "string" || iterable === null || iterable === undefined) {
    throw new InvalidArgumentError(field, `${show(iterable)} is not a list or stream; put it into an array.`);
  }
  if (Symbol.asyncIterator in iterable) {
    const iterator = iterable[Symbol.asyncIterator]();
    return {
      next: async () => {
        const { done, value } = await iterator.next();
        return done === true ? undefined : toItem(value);
      },
      close: async () => void (await iterator.return?.()),
    };
  }
  if (Symbol.iterator in iterable) {
    const iterator = iterable[Symbol.iterator]();
    return {
      next: () => {
        const { done, value } = iterator.next();
        return done === true ? undefined : toItem(value);
      },
      close: () => void iterator.return?.(),
    };
  }
  throw new InvalidArgumentError(field, `${show(iterable)} is neither iterable nor async iterable.`);
}

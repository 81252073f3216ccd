import { ApnsError } from "@apns/core";
import { UsageError } from "../errors.js";
import { IncompleteLineError, type NotificationMaker } from "./notification-maker.js";
import type { TargetList } from "./targets/open-list.js";
import { isBad, type ListEntry } from "./targets/target.js";

/** How many invalid lines are shown; the others are counted. */
const maxShown = 20;

/**
 * Checks a list whole, before anything is sent.
 * @throws {UsageError} with the invalid lines, or if the list can be read once only
 */
export async function assertAllValid(list: TargetList, maker: NotificationMaker): Promise<void> {
  if (!list.isRepeatable) throw new UsageError("--strict needs the list as a file: it is read twice");
  const shown: string[] = [];
  let count = 0;
  for await (const entry of list.read()) {
    const problem = problemOf(entry, maker);
    if (problem === undefined) continue;
    if (++count <= maxShown) shown.push(`line ${entry.line}: ${problem}`);
  }
  if (count === 0) return;
  const more = count > maxShown ? [`and ${(count - maxShown).toLocaleString("en-US")} more`] : [];
  const lines = count === 1 ? "a line of the list is" : `${count.toLocaleString("en-US")} lines of the list are`;
  throw new UsageError([`${lines} invalid, and nothing was sent:`, ...shown, ...more].join("\n"));
}

/** Why a line cannot be sent, whatever the server says; `undefined` if it can. */
function problemOf(entry: ListEntry, maker: NotificationMaker): string | undefined {
  if (isBad(entry)) return entry.problem;
  try {
    maker.for(entry);
    return undefined;
  } catch (error) {
    if (isProblemOfLine(error)) return error.message;
    throw error;
  }
}

/** Whether an error is about what stands in a line. */
export function isProblemOfLine(error: unknown): error is Error {
  return error instanceof ApnsError || error instanceof IncompleteLineError || error instanceof UsageError;
}

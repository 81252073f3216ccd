import { ApnsError, InvalidArgumentError, type Outcome, type SendItem, sendAll, type Transport } from "@apns/core";
import type { NotificationMaker } from "./notification-maker.js";
import type { OutcomeFile } from "./outcome-file.js";
import { invalidRecord, type OutcomeRecord, outcomeRecord } from "./outcome-record.js";
import { Pace } from "./pace.js";
import type { EarlierRun } from "./resume.js";
import type { Ending, RunEnd } from "./run-end.js";
import { isProblemOfLine } from "./strict.js";
import { isBad, type ListEntry, type Target } from "./targets/target.js";
import { Totals } from "./totals.js";

export interface SendRun {
  readonly transport: Transport;
  readonly targets: AsyncIterable<ListEntry>;
  readonly maker: NotificationMaker;
  /** The id of the only notification, if one is given. */
  readonly apnsId?: string | undefined;
  readonly file?: OutcomeFile | undefined;
  readonly earlier?: EarlierRun | undefined;
  /** Send what may have been accepted by the earlier run again. */
  readonly resendUnconfirmed: boolean;
  /** How many notifications a second are taken from the list, at most. @default as many as are settled */
  readonly perSecond?: number | undefined;
  /** Ends the run early; what is in flight settles. */
  readonly end: RunEnd;
  /** Called with each outcome. The run waits for the promise, if there is one. */
  readonly onOutcome: (record: OutcomeRecord, totals: Totals) => Promise<void> | undefined;
}

export interface SendRunResult {
  readonly totals: Totals;
  readonly elapsedMs: number;
  readonly ending: Ending;
  /** Whether the list was read to its end, and nothing of it is left to be sent. */
  readonly wholeList: boolean;
}

/** So many in a row that fail for the same kind of reason, and the next million would, too. */
const failuresInARow = 100;

/** Given up, so long is waited for the answers to what was written. */
const giveUpMs = 2_000;

/** Sends to every target, and accounts for every line, whatever ends the run. Never rejects. */
export async function runSend(run: SendRun): Promise<SendRunResult> {
  const { transport, file, end, onOutcome } = run;
  const totals = new Totals();
  const startedAt = performance.now();
  /** Lines in flight, by the index that `sendAll` gives. */
  const inFlight = new Map<number, Target>();
  const failures = new FailuresInARow();
  const pace = run.perSecond === undefined ? undefined : new Pace(run.perSecond, end.signal);
  let listEnded = false;

  const settle = (record: OutcomeRecord): Promise<void> | undefined => {
    totals.count(record);
    try {
      file?.record(record);
      if (file?.failure !== undefined) throw file.failure;
    } catch (error) {
      end.fail(error);
    }
    return onOutcome(record, totals);
  };

  async function* items(): AsyncGenerator<SendItem> {
    let index = 0;
    for await (const entry of run.targets) {
      const ready = prepare(run, entry, totals);
      if (ready === undefined) continue;
      if ("kind" in ready) {
        await settle(ready);
        continue;
      }
      if (pace !== undefined) await pace.take();
      file?.begin(entry.line);
      inFlight.set(index++, entry as Target);
      yield ready;
    }
    listEnded = true;
  }

  try {
    for await (const { index, outcome } of sendAll(transport, items(), { signal: end.signal })) {
      const { line } = inFlight.get(index)!;
      inFlight.delete(index);
      const waiting = settle(recordOf(line, outcome));
      if (waiting !== undefined) await waiting;
      if (failures.add(outcome)) {
        end.stop({ kind: "gaveUp", reason: failures.verdict! });
        // Notifications that are queued would fail one by one, and slowly: after a refusal, APNs takes one at a time.
        void transport.close({ timeoutMs: giveUpMs });
      }
    }
  } catch (error) {
    // An error of the list is wrapped by sendAll: the message is about the list.
    end.fail(error instanceof ApnsError && error.code === "ERR_APNS_SOURCE" ? error.cause : error);
  }
  const wholeList = listEnded && inFlight.size === 0;
  // Pulled from the list, and not sent any more when the run was stopped.
  for (const { line, deviceToken } of inFlight.values()) {
    const code = "ERR_APNS_ABORTED";
    await settle({ line, kind: "unsent", deviceToken, attempts: 0, code, message: "The run was stopped." });
  }
  try {
    file?.end();
  } catch (error) {
    end.fail(error);
  }
  return { totals, elapsedMs: performance.now() - startedAt, ending: end.ending, wholeList };
}

/** A notification that the transport refuses to send is an invalid line. */
function recordOf(line: number, outcome: Outcome): OutcomeRecord {
  return outcome.kind === "unsent" && outcome.cause instanceof InvalidArgumentError
    ? invalidRecord({ line, problem: outcome.cause.message }, outcome.deviceToken)
    : outcomeRecord(line, outcome);
}

/** The notification of a line; its record if it cannot be sent; `undefined` if the earlier run has dealt with it. */
function prepare(run: SendRun, entry: ListEntry, totals: Totals): SendItem | OutcomeRecord | undefined {
  const state = run.earlier?.stateOf(entry.line) ?? "open";
  if (state === "done") {
    totals.alreadyDone++;
    return undefined;
  }
  if (state === "doubtful" && !run.resendUnconfirmed) {
    totals.leftInDoubt++;
    return undefined;
  }
  if (isBad(entry)) return invalidRecord(entry);
  try {
    const notification = run.maker.for(entry);
    const apnsId = entry.delivery.apnsId ?? run.apnsId;
    const { deviceToken } = entry;
    return { notification, deviceToken, ...(apnsId === undefined ? {} : { options: { apnsId } }) };
  } catch (error) {
    if (!isProblemOfLine(error)) throw error;
    return invalidRecord({ line: entry.line, problem: error.message }, entry.deviceToken);
  }
}

/** Counts failures in a row that will not end by themselves: credentials that are refused, a server that is gone. */
class FailuresInARow {
  #count = 0;
  verdict: string | undefined;

  /** Takes the next outcome. @returns whether the run is to be given up now */
  add(outcome: { readonly kind: string; readonly httpStatus?: number; readonly cause?: ApnsError }): boolean {
    const { kind, httpStatus, cause } = outcome;
    const refused = kind === "rejected" && httpStatus === 403;
    const lost = kind === "unsent" && cause !== undefined && reachingFailed.has(cause.code);
    this.#count = refused || lost ? this.#count + 1 : 0;
    if (this.#count !== failuresInARow) return false;
    this.verdict = refused
      ? `${failuresInARow} in a row were refused for the credentials`
      : `${failuresInARow} in a row could not be sent: ${cause!.message}`;
    return true;
  }
}

const reachingFailed: ReadonlySet<string> = new Set([
  "ERR_APNS_CONNECT_FAILED",
  "ERR_APNS_CREDENTIALS",
  "ERR_APNS_GOAWAY",
  "ERR_APNS_TIMEOUT",
]);

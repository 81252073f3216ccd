import type { OutcomeRecord } from "./outcome-record.js";

/** Reasons come from the peer, so their number needs a bound; APNs has about forty. */
const maxReasons = 200;
/** How many invalid lines the summary shows. */
const maxInvalidExamples = 5;

/** How many lines have ended in which way so far. */
export class Totals {
  accepted = 0;
  rejected = 0;
  unsent = 0;
  unconfirmed = 0;
  /** Lines that could not be sent, because of what stands in them. */
  invalid = 0;
  /** Of those rejected: for the credentials. */
  credentialsRefused = 0;
  /** With `--resume`: done by the earlier run. */
  alreadyDone = 0;
  /** With `--resume`: in doubt since the earlier run, and not sent again. */
  leftInDoubt = 0;
  readonly rejectedByReason: Record<string, number> = {};
  /** The HTTP status of each reason: together they say what it means. */
  readonly statusOfReason: Map<string, number> = new Map();
  /** Why the first lines of a kind were not sent, or are in doubt; of invalid ones several, since each has its own reason. */
  readonly examples: Map<OutcomeRecord["kind"], string[]> = new Map();

  count(record: OutcomeRecord): void {
    this[record.kind]++;
    if (record.kind !== "rejected") {
      if (record.kind !== "accepted") this.#addExample(record);
      return;
    }
    if (record["httpStatus"] === 403) this.credentialsRefused++;
    const reason = String(record["reason"]);
    const known = Object.hasOwn(this.rejectedByReason, reason);
    const name = known || Object.keys(this.rejectedByReason).length < maxReasons ? reason : "(other)";
    if (name === reason) this.statusOfReason.set(reason, Number(record["httpStatus"] ?? 400));
    this.rejectedByReason[name] = (this.rejectedByReason[name] ?? 0) + 1;
  }

  #addExample({ kind, line, message }: OutcomeRecord): void {
    const lines = this.examples.get(kind) ?? [];
    if (lines.length < (kind === "invalid" ? maxInvalidExamples : 1)) lines.push(`line ${line}: ${message}`);
    this.examples.set(kind, lines);
  }

  /** Lines that are through, one way or another. */
  get settled(): number {
    const { accepted, rejected, unsent, unconfirmed, invalid, alreadyDone, leftInDoubt } = this;
    return accepted + rejected + unsent + unconfirmed + invalid + alreadyDone + leftInDoubt;
  }
}

import type { JsonValue, PushType } from "@apns/core";

/** One device of a list, with its own payload, fields and delivery. */
export interface Target {
  /** Where it stands in the list, from 1: the line of a file, the place among the arguments. */
  readonly line: number;
  /** Lower-case hexadecimal. */
  readonly deviceToken: string;
  /** What `{{name}}` in the payload stands for. */
  readonly fields: Readonly<Record<string, JsonValue>>;
  /** Laid over the payload of the command line. */
  readonly payload?: Readonly<Record<string, unknown>>;
  readonly delivery: TargetDelivery;
}

/** How this one travels, where that differs from the command line. */
export interface TargetDelivery {
  readonly apnsId?: string;
  readonly collapseId?: string;
  readonly pushType?: PushType;
  readonly topic?: string;
  readonly priority?: number;
  readonly expiration?: string;
}

/** A line that names no device. It is reported, and the others are sent. */
export interface BadLine {
  readonly line: number;
  readonly problem: string;
}

export type ListEntry = Target | BadLine;

export function isBad(entry: ListEntry): entry is BadLine {
  return "problem" in entry;
}

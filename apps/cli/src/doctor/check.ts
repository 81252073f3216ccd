/** The result of one check. */
export interface Check {
  /** Stable, for scripts: `tls`, `alpn`, `provider-token` and so on. */
  readonly id: string;
  readonly status: "passed" | "failed" | "skipped";
  /** What was found; of a skipped one, why it was not looked at. */
  readonly finding: string;
  /** What to do about it; every failed one has it. */
  readonly fix?: string;
}

export function passed(id: string, finding: string): Check {
  return { id, status: "passed", finding };
}

export function failed(id: string, finding: string, fix: string): Check {
  return { id, status: "failed", finding, fix };
}

export function skipped(id: string, why: string): Check {
  return { id, status: "skipped", finding: why };
}

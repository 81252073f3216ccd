/** The source of the `authorization` of requests. */
export interface Authorizer {
  /** The value to send now; `undefined` while one is being obtained (see `obtain`). */
  current(): string | undefined;
  /** Obtains a value for `current`. Concurrent calls share one attempt. */
  obtain(): Promise<void>;
  /**
   * APNs refused this value for `reason`.
   * @returns whether there is another value to try, on another connection
   */
  replace(refused: string, reason: string): boolean;
  /** The probable cause of a refusal, for the outcome's `detail`; `serverDate` is the answer's `date`, if it has one. */
  diagnose(reason: string, serverDate: Date | undefined): string | undefined;
  /** Age of the current provider token, in milliseconds. */
  readonly ageMs: number | undefined;
}

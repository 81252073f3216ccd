/** Where the `authorization` of a request comes from. */
export interface Authorizer {
  /** The value to send now; `undefined` while one is being obtained (see `obtain`). */
  current(): string | undefined;
  /** Makes `current` have a value. One attempt is under way at a time, however many ask. */
  obtain(): Promise<void>;
  /**
   * APNs refused this value for `reason`.
   * @returns whether there is another one to try, on another connection
   */
  replace(refused: string, reason: string): boolean;
  /** What may have gone wrong with a refused value, for people; `serverDate` is the answer's date, if it has one. */
  diagnose(reason: string, serverDate: Date | undefined): string | undefined;
  /** Age of the current provider token, in milliseconds. */
  readonly ageMs: number | undefined;
}

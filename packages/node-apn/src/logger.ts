/** A function that takes lines of a log. It is called only while its property `enabled` is true. */
export interface Logger {
  (message: string): void;
  enabled?: boolean;
}

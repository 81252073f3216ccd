/** A device token on which the app is gone. */
export interface FeedbackEntry {
  /** Lower-case hexadecimal. */
  readonly deviceToken: string;
  /** When that was found: whole UNIX seconds. */
  readonly unregisteredAtSeconds: number;
}

/** Storage of feedback tuples until a sender has read them in full. */
export interface FeedbackStore {
  /**
   * Adds a device token to a topic's list, or brings its instant up to date. When the promise resolves, the tuple
   * outlives the process.
   * @throws {ApnsError} `ERR_APNS_QUEUE_FULL` if the topic's list is full
   */
  add(topic: string, deviceToken: string, unregisteredAt: Date): Promise<void>;
  /** The topic's list as it is now. */
  read(topic: string): AsyncIterable<FeedbackEntry>;
  /** Takes entries off the topic's list, save those that were brought up to date since. */
  remove(topic: string, entries: readonly FeedbackEntry[]): Promise<void>;
  /** How many tuples wait, by topic. */
  counts(): Readonly<Record<string, number>>;
}

import type { UnregisteredToken } from "@apns/core";

/** A topic's list as it was when it was asked for. Iterating over it takes constant memory, however long it is. */
export interface FeedbackSnapshot extends AsyncIterable<UnregisteredToken> {
  /**
   * Takes the entries of this snapshot off the topic's list, save those that were brought up to date since.
   * @param isTaken chooses among them. @default all
   */
  remove(isTaken?: (entry: UnregisteredToken) => boolean): Promise<void>;
}

/** Storage of feedback tuples until a sender has read them in full. */
export interface FeedbackStore {
  /**
   * Adds a device token to a topic's list, or brings its instant up to date. When the promise resolves, the tuple
   * outlives the process.
   * @throws {ApnsError} `ERR_APNS_QUEUE_FULL` if the topic's list is full
   */
  add(topic: string, deviceToken: string, unregisteredAt: Date): Promise<void>;
  /** The topic's list as it is now; instants are whole seconds, as in the tuples of the wire. */
  read(topic: string): FeedbackSnapshot;
  /** How many tuples wait, by topic. */
  counts(): Readonly<Record<string, number>>;
}

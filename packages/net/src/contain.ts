/** A socket of any kind. */
export interface Emitter {
  emit(event: string | symbol, ...args: never[]): boolean;
}

/**
 * Confines exceptions to one socket, so that none of them ends the process. What `use` throws, and what any listener of the
 * socket throws later, is passed to `failed`; that covers listeners added later and an `error` event without a listener, but
 * not callbacks of writes and timers: run those by the function returned.
 *
 * A server calls this in its handler of new connections, around everything done there.
 * @param failed ends this connection, and may report it; what it throws is ignored
 * @returns runs a further task in the same way
 */
export function contain<Socket extends Emitter>(
  socket: Socket,
  use: (socket: Socket) => void,
  failed: (error: unknown) => void,
): (task: () => void) => void {
  const emit = socket.emit as (...args: unknown[]) => boolean;
  const within = <Result>(task: () => Result, otherwise: Result): Result => {
    try {
      return task();
    } catch (error) {
      try {
        failed(error);
      } catch {
        // The report of a failure must not become the next one.
      }
      return otherwise;
    }
  };
  socket.emit = function (this: unknown, ...args: unknown[]): boolean {
    return within(() => emit.apply(this, args), true);
  };
  const run = (task: () => void): void => within(task, undefined);
  run(() => use(socket));
  return run;
}

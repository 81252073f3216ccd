/** A socket of any kind, as far as it matters here. */
export interface Emitter {
  emit(event: string | symbol, ...args: never[]): boolean;
}

/**
 * Uses a peer's socket so that nothing that goes wrong with it ends the process. What `use` throws, and whatever a
 * listener of the socket throws later, is given to `failed`; a listener that is added afterwards, by whomever, is covered
 * as well, and so is an `error` event that has no listener. Callbacks of writes are none: run those by what is returned.
 *
 * To be called in the handler that a server calls for each new connection, around all that is done there.
 * @param failed ends this connection, and may tell of it; what it throws itself is lost
 * @returns runs any further task in the same way
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
        // Whoever is told of a failure must not become the next one.
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

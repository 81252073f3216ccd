import type { CallMessage, Calls, ChildMessage } from "./messages.js";

/**
 * Makes this process answer the calls of the one that started it by `Child`, and end with it: it exits when the parent is gone.
 * Ctrl-C reaches parent and child alike, and here does nothing, since the parent decides when its children end.
 * @param answers a function for each call; an error that it throws or rejects with is the caller's
 * @returns sends an event to the parent
 * @throws {Error} if this process was not started by another Node process
 */
export function answerParent<C extends Calls, Event = never>(answers: C): (event: Event) => void {
  if (process.send === undefined) throw new Error("This module is started by another one, as its child process.");
  process.on("message", (message: CallMessage) => void answer(answers, message));
  process.on("disconnect", () => process.exit());
  process.on("SIGINT", () => {});
  return (event) => send({ event });
}

async function answer(answers: Calls, { call, name, input }: CallMessage): Promise<void> {
  try {
    if (!Object.hasOwn(answers, name)) throw new Error(`there is no call "${name}"`);
    send({ call, answer: await answers[name]!(input as never) });
  } catch (error) {
    send({ call, failure: error instanceof Error ? error.message : String(error) });
  }
}

function send(message: ChildMessage): void {
  process.send?.(message, undefined, undefined, (error) => {
    // The parent is gone.
    if (error !== null) process.exit();
  });
}

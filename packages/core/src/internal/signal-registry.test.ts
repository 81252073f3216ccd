import { expect, test } from "vitest";
import { SignalRegistry } from "./signal-registry.js";

function counted(): { signal: AbortSignal; controller: AbortController; listeners: () => number } {
  const controller = new AbortController();
  const { signal } = controller;
  let listeners = 0;
  const add = signal.addEventListener.bind(signal);
  const remove = signal.removeEventListener.bind(signal);
  signal.addEventListener = (...args: Parameters<typeof add>) => {
    listeners++;
    add(...args);
  };
  signal.removeEventListener = (...args: Parameters<typeof remove>) => {
    listeners--;
    remove(...args);
  };
  return { signal, controller, listeners: () => listeners };
}

test("twenty thousand items of one signal share a listener, and are all aborted", () => {
  const ended: string[] = [];
  const registry = new SignalRegistry<string>((items, { reason }) => ended.push(`${items.length} ${reason}`));
  const { signal, controller, listeners } = counted();
  const removals = Array.from({ length: 20_000 }, (_, index) => registry.add(signal, String(index)));
  expect(listeners()).toBe(1);
  for (const remove of removals.slice(0, 5000)) remove();
  controller.abort("over");
  expect(ended).toEqual(["15000 over"]);
  expect(listeners()).toBe(0);
  for (const remove of removals) remove();
  expect(listeners()).toBe(0);
});

test("the listener is removed with the last item, and added again with the next", () => {
  const ended: string[] = [];
  const registry = new SignalRegistry<string>((items) => ended.push(...items));
  const { signal, controller, listeners } = counted();
  const removeFirst = registry.add(signal, "first");
  removeFirst();
  expect(listeners()).toBe(0);
  registry.add(signal, "second");
  // Of an item that is not there any more.
  removeFirst();
  expect(listeners()).toBe(1);
  controller.abort();
  expect(ended).toEqual(["second"]);
});

// The connection to the server: made anew when it is lost, under the same id.
import { batch } from "@preact/signals";
import type { ComposeResult, PageRequest, Sample, ServerMessage } from "../../../src/page/protocol.js";
import { noteSample } from "./history.js";
import { pageId, renewPageId } from "./page-id.js";
import { keepRun, keepRuns } from "./runs.js";
import * as store from "./store.js";

type WithoutSeq<T> = T extends { readonly seq: number } ? Omit<T, "seq"> : never;
export type Ask = WithoutSeq<PageRequest>;

const firstDelayMs = 250;
const longestDelayMs = 2000;

interface Waiter {
  readonly resolve: (result: ComposeResult | undefined) => void;
  readonly reject: (error: Error) => void;
}

let socket: WebSocket | undefined;
let delayMs = firstDelayMs;
let seq = 0;
const waiters = new Map<number, Waiter>();

export function connect(): void {
  const opened = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/api/socket`);
  socket = opened;
  opened.onopen = () => opened.send(JSON.stringify({ type: "hello", id: pageId.value }));
  opened.onmessage = ({ data }) => {
    const message = JSON.parse(String(data)) as ServerMessage;
    batch(() => receive(message));
  };
  opened.onclose = ({ code }) => {
    for (const { reject } of waiters.values()) reject(new Error("The connection to the demo was lost."));
    waiters.clear();
    store.link.value = "lost";
    // Another tab has taken this id: two would throw each other out for ever.
    if (code === 4000) renewPageId();
    setTimeout(connect, delayMs);
    delayMs = Math.min(longestDelayMs, delayMs * 2);
  };
}

/** Asks for something. Rejects with the reason, for people, if it cannot be done. */
export function ask(request: Ask): Promise<ComposeResult | undefined> {
  return new Promise((resolve, reject) => {
    if (socket?.readyState !== WebSocket.OPEN) {
      reject(new Error("The demo is not reachable at the moment."));
      return;
    }
    seq++;
    waiters.set(seq, { resolve, reject });
    socket.send(JSON.stringify({ ...request, seq }));
  });
}

/** Asks for something; if it cannot be done, a notice says why. */
export async function request(asked: Ask): Promise<boolean> {
  try {
    await ask(asked);
    return true;
  } catch (error) {
    store.addNotice("problem", (error as Error).message);
    return false;
  }
}

function receive(message: ServerMessage): void {
  switch (message.type) {
    case "welcome":
      delayMs = firstDelayMs;
      store.link.value = "open";
      // Another server counts its events anew.
      store.events.value = message.events;
      store.phones.value = message.phones;
      keepRuns(message.runs);
      showSample(message);
      return;
    case "sample":
      showSample(message);
      return;
    case "events":
      store.addEvents(message.events, message.missed);
      return;
    case "phones":
      store.phones.value = message.phones;
      return;
    case "percent":
      store.ownPercent.value = message.percent;
      return;
    case "runEnded":
      keepRun(message.report);
      store.ownPercent.value = null;
      store.announcement.value = "The run is over. The comparison has its figures.";
      return;
    case "message":
      store.addNotice("message", message.text);
      return;
    case "answer": {
      const waiter = waiters.get(message.seq);
      waiters.delete(message.seq);
      if (message.problem === null) waiter?.resolve(message.result);
      else waiter?.reject(new Error(message.problem));
    }
  }
}

function showSample({ run, lanes, bridge, activeFaults, struckFaults }: Omit<Sample, "type">): void {
  store.run.value = run;
  store.lanes.value = lanes;
  store.bridge.value = bridge;
  store.activeFaults.value = activeFaults;
  store.struckFaults.value = struckFaults;
  noteSample(run, lanes);
}

// The fault buttons: what each does to Apple's stand-in, and what it means, for people who have never heard of APNs.
import type { Fault } from "@apns/simulator";
import type { FaultName } from "../page/protocol.js";

export interface FaultButton {
  readonly name: FaultName;
  readonly title: string;
  /** What happens, in one plain sentence. */
  readonly sentence: string;
  /** What it does to each wire, in one plain sentence. */
  readonly binary: string;
  readonly http2: string;
  /** Which wire comes out of it better, and why. */
  readonly better: string;
}

export const faultButtons: readonly FaultButton[] = [
  {
    name: "badToken",
    title: "One bad token",
    sentence: "Apple refuses the next notification on each wire: its device token, the address of a phone, is wrong.",
    binary:
      "Error response: six bytes name the bad one and the connection closes. Everything sent after it, the lost tail, was thrown away and is sent again.",
    http2: "Each notification has an answer of its own: this one gets a 400, and the others never notice.",
    better: "HTTP/2: one bad address costs one answer. The binary wire pays with a connection and its whole lost tail.",
  },
  {
    name: "goAway",
    title: "GOAWAY",
    sentence: "An HTTP/2 server says goodbye in order: it names the last request it will still answer.",
    binary: "Has no such goodbye, so nothing happens here. Its nearest relative is the gateway shutdown.",
    http2:
      "Requests up to the one named are answered; the rest certainly never happened, so they go out again on another connection.",
    better: "HTTP/2: nothing is in doubt, nothing is lost and nothing sent twice.",
  },
  {
    name: "cut",
    title: "Cut the connection",
    sentence: "One connection of each wire breaks without a word, as when a cable is pulled.",
    binary:
      "Silence meant yes, so nobody can say how much was accepted: everything since the last proof is unconfirmed.",
    http2: "Only requests without an answer yet are in doubt; everything answered before is certain.",
    better: "HTTP/2: doubt covers one round trip of notifications, not everything since the last barrier.",
  },
  {
    name: "blackHole",
    title: "Black hole",
    sentence: "One connection of each wire stays open, swallows everything and answers nothing.",
    binary:
      "Looks like success until the next barrier gets no answer (here after 3 s); then everything on it is unconfirmed.",
    http2:
      "Silence is suspicious here: after 1 s a PING is sent, after another one without its echo the connection is given up.",
    better: "HTTP/2: it can ask “are you there?” at any time. The binary wire can only wait.",
  },
  {
    name: "oneStream",
    title: "Stream limit 1",
    sentence: "Apple allows one request at a time on each connection for three seconds, instead of a thousand.",
    binary: "Has no streams and no such limit, so nothing happens here: it just keeps writing.",
    http2:
      "Each connection sends one request and waits a round trip for its answer before the next: watch the rate fall and recover.",
    better: "Binary is untouched, but only because nobody can slow it down in order; HTTP/2 obeys and loses nothing.",
  },
  {
    name: "unavailable",
    title: "503s",
    sentence: "For two seconds Apple refuses every twentieth notification because it is overloaded.",
    binary: "Each refusal is an error response that closes the connection: a storm of reconnects and lost tails.",
    http2: "Each refused one gets a 503 of its own and may be tried again later; the connection stays.",
    better: "HTTP/2: trouble on Apple's side stays with the notifications it hits.",
  },
  {
    name: "shutdown",
    title: "Gateway shutdown",
    sentence: "The legacy gateway closes for maintenance and names the last notification it accepted (status 10).",
    binary: "Everything up to the one named is proven accepted; the tail behind it is sent again on a new connection.",
    http2: "Not concerned: that is the legacy gateway's way of saying GOAWAY.",
    better: "About even: this is the one time the binary wire says where it stopped.",
  },
  {
    name: "expiredToken",
    title: "Expired provider token",
    sentence: "Apple says that the sender's own pass, signed for an hour at most, has expired.",
    binary: "Knows no provider tokens: the sender's certificate, valid for a year, was checked when it connected.",
    http2: "That notification is refused by a 403; the client signs a new pass and opens a new connection.",
    better: "Binary has less to renew, but a stolen certificate works for a year and a stolen pass for an hour.",
  },
];

/** Faults for the simulator: added `rounds` times, `everyMs` apart, and removed after `forMs` unless they have struck by then. */
export interface FaultPlan {
  readonly faults: readonly Fault[];
  readonly rounds: number;
  readonly everyMs: number;
  /** null: until it has struck. */
  readonly forMs: number | null;
}

const once = { rounds: 1, everyMs: 0, forMs: null } as const;
/** The first digits of every device token of a run. A barrier has no device token: a fault with this prefix never strikes it. */
const ofTheRun = "00";
const onBoth = (fault: Fault): Fault[] => [
  { ...fault, wire: "binary", deviceToken: ofTheRun },
  { ...fault, wire: "http2" },
];

/** The faults for the simulator. The shutdown of the gateway is no fault, but a call. */
export const faultPlans: Readonly<Record<Exclude<FaultName, "shutdown">, FaultPlan>> = {
  badToken: { ...once, faults: onBoth({ type: "reject", reason: "BadDeviceToken", times: 1 }) },
  goAway: { ...once, faults: [{ type: "goAway", lastStream: "this", times: 1 }] },
  cut: { ...once, faults: onBoth({ type: "cut", how: "rst", times: 1 }) },
  blackHole: { ...once, faults: onBoth({ type: "blackHole", times: 1 }) },
  // A few times over, because each strikes one connection, and one that is limited already is hardly met again.
  oneStream: {
    faults: [{ type: "settings", maxConcurrentStreams: 1, forMs: 3000, times: 1 }],
    rounds: 12,
    everyMs: 40,
    forMs: 3000,
  },
  unavailable: {
    faults: [
      { type: "reject", reason: "ServiceUnavailable", share: 0.05, wire: "http2" },
      {
        type: "reject",
        reason: "InternalServerError",
        statusCode: 1,
        share: 0.05,
        wire: "binary",
        deviceToken: ofTheRun,
      },
    ],
    rounds: 1,
    everyMs: 0,
    forMs: 2000,
  },
  expiredToken: { ...once, faults: [{ type: "reject", reason: "ExpiredProviderToken", times: 1, wire: "http2" }] },
};

// Stream states (RFC 9113 section 5.1): all of it is in this file.
//
//                              +--------+
//                      send PP |        | recv PP
//                     ,--------+  idle  +--------.
//                    /         |        |         \
//                   v          +--------+          v
//            +----------+          |           +----------+
//            |          |          | send H /  |          |
//     ,------+ reserved |          | recv H    | reserved +------.
//     |      | (local)  |          |           | (remote) |      |
//     |      +---+------+          v           +------+---+      |
//     |          |             +--------+             |          |
//     |          |     recv ES |        | send ES     |          |
//     |   send H |     ,-------+  open  +-------.     | recv H   |
//     |          |    /        |        |        \    |          |
//     |          v   v         +---+----+         v   v          |
//     |      +----------+          |           +----------+      |
//     |      |   half-  |          |           |   half-  |      |
//     |      |  closed  |          | send R /  |  closed  |      |
//     |      | (remote) |          | recv R    | (local)  |      |
//     |      +----+-----+          |           +-----+----+      |
//     |           |                |                 |           |
//     |           | send ES /      |       recv ES / |           |
//     |           |  send R /      v        send R / |           |
//     |           |  recv R    +--------+   recv R   |           |
//     | send R /  `----------->|        |<-----------'  send R / |
//     | recv R                 | closed |               recv R   |
//     `----------------------->|        |<-----------------------'
//                              +--------+
//
// The reserved states are left out of the table: push is disabled on both sides, so nothing enters them.

export const StreamState = { idle: 0, open: 1, halfClosedLocal: 2, halfClosedRemote: 3, closed: 4 } as const;

export const StreamEvent = {
  sendHeaders: 0,
  sendEndStream: 1,
  sendReset: 2,
  receiveHeaders: 3,
  receiveData: 4,
  receiveEndStream: 5,
  receiveReset: 6,
} as const;

/** Instead of a next state: the peer refers to an idle stream, a connection error PROTOCOL_ERROR. */
const PEER_IDLE = -1;
/** Instead of a next state: the peer had ended its side, a stream error STREAM_CLOSED. */
export const PEER_ENDED = -2;
/** Instead of a next state: this side must not do that now. */
const LOCAL_MISUSE = -3;

const { open, halfClosedLocal: hcl, halfClosedRemote: hcr, closed } = StreamState;
const i = PEER_IDLE;
const e = PEER_ENDED;
const m = LOCAL_MISUSE;
const events = 7;

// biome-ignore format: a table
const transitions: Int8Array = Int8Array.of(
  //         send:  HEADERS  END_STREAM  RST      receive:  HEADERS  DATA  END_STREAM  RST
  /* idle       */  open,    m,          m,                 open,    i,    i,          i,
  /* open       */  open,    hcl,        closed,            open,    open, hcr,        closed,
  /* hc local   */  m,       m,          closed,            hcl,     hcl,  closed,     closed,
  /* hc remote  */  hcr,     closed,     closed,            e,       e,    e,          closed,
  /* closed     */  m,       m,          m,                 e,       e,    e,          closed,
);

/** The state after an event, or one of the negative answers above. */
export function nextStreamState(state: number, event: number): number {
  return transitions[state * events + event]!;
}

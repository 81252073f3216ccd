// Stream states (RFC 9113 section 5.1).
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
// The reserved states are no part of the table: push is disabled on both sides, so no stream enters them.

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

/** In place of a state: the peer refers to an idle stream, which is a connection error PROTOCOL_ERROR. */
const PEER_IDLE = -1;
/** In place of a state: the peer has ended its side already, which is a stream error STREAM_CLOSED. */
export const PEER_ENDED = -2;
/** In place of a state: this side may not do that in this state. */
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

/** The state after an event, or one of the negative values above. */
export function nextStreamState(state: number, event: number): number {
  return transitions[state * events + event]!;
}

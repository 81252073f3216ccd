// The rows of the fault table: what goes wrong, when, and what becomes of each notification. `docs/http2-faults.md` is
// the same table for people; `fault-table.test.ts` holds both to the transport.
import { generateKeyPairSync } from "node:crypto";
import { Http2ErrorCode, type Setting, SettingId } from "@apns/h2";
import type { Http2TransportOptions } from "../src/index.js";
import { acceptAll, type RawConnection } from "./raw-peer.js";

export interface FaultRow {
  readonly fault: string;
  readonly moment: string;
  /** What becomes of each notification, in the order they were sent: kind, attempts, then reason or cause code. */
  readonly outcomes: readonly string[];
  readonly options?: Partial<Http2TransportOptions>;
  /** What the first connection does. Further ones, made when something is sent again, accept everything. */
  readonly first: (connection: RawConnection) => void | Promise<void>;
  /** Instead of accepting everything. */
  readonly further?: (connection: RawConnection) => void | Promise<void>;
  /** Gives up on all of them by the caller's signal, once as many requests have come. */
  readonly abortAfter?: number;
  /** Closes the transport with no time left, once as many requests have come. */
  readonly closeAfter?: number;
  /** How many connections there are in the end. @default not checked */
  readonly connections?: number;
  /** Whether attempts and connections are the most that the deadline allows: a busy machine makes fewer. */
  readonly untilDeadline?: true;
  /** What the causes say, in the order of the outcomes. @default not checked */
  readonly says?: readonly RegExp[];
  /** Streams that the client has reset in the end. @default not checked */
  readonly resets?: readonly number[];
  /** How long the connection is idle before anything is sent, in milliseconds. @default 0 */
  readonly idleMs?: number;
  /** How long the process is frozen before anything is sent, in milliseconds. @default 0 */
  readonly frozenMs?: number;
  /** How long the event loop is blocked in the turn that sends, in milliseconds. @default 0 */
  readonly busyMs?: number;
  /** Payload bytes of each notification. @default a few */
  readonly payloadBytes?: number;
}

const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
const tokenAuth = { type: "token", key: privateKey, keyId: "KEY1234567", teamId: "TEAM123456" } as const;

const accepted = "accepted 1";
const again = "accepted 2";
const lost = "unconfirmed 1 ERR_APNS_CONNECTION_LOST";
const goneAway = "unconfirmed 1 ERR_APNS_GOAWAY";
const protocol = "unconfirmed 1 ERR_APNS_PROTOCOL";
const late = "unconfirmed 1 ERR_APNS_TIMEOUT";

/** SETTINGS, then what the row does once so many requests are there. The first stream is 1, the next 3, then 5. */
const after =
  (count: number, act: (connection: RawConnection) => void | Promise<void>, settings: readonly Setting[] = []) =>
  async (connection: RawConnection): Promise<void> => {
    connection.settings(settings);
    await connection.received(count);
    await act(connection);
  };

/** SETTINGS, then the same to every request. */
const always =
  (act: (connection: RawConnection, streamId: number) => void, settings: readonly Setting[] = []) =>
  async (connection: RawConnection): Promise<void> => {
    connection.settings(settings);
    for (let count = 1; ; count++) {
      await connection.received(count);
      act(connection, connection.requests[count - 1]!.streamId);
    }
  };

const limit = (streams: number): Setting => [SettingId.MAX_CONCURRENT_STREAMS, streams];
const window = (bytes: number): Setting => [SettingId.INITIAL_WINDOW_SIZE, bytes];
const answerAll = (connection: RawConnection): void => {
  for (const { streamId } of connection.requests) connection.answer(streamId);
};

export const faultRows: readonly FaultRow[] = [
  // GOAWAY
  {
    fault: "GOAWAY, last stream id 0",
    moment: "three requests open",
    outcomes: [again, again, again],
    first: after(3, (connection) => connection.goAway(0)),
    connections: 2,
  },
  {
    fault: "GOAWAY, last stream id of the first",
    moment: "three open; the first is answered afterwards",
    outcomes: [accepted, again, again],
    first: after(3, (connection) => {
      connection.goAway(1);
      connection.answer(1);
    }),
    connections: 2,
  },
  {
    fault: "GOAWAY, last stream id of the last",
    moment: "three open; all are answered afterwards",
    outcomes: [accepted, accepted, accepted],
    first: after(3, (connection) => {
      connection.goAway(5);
      answerAll(connection);
    }),
    connections: 1,
  },
  {
    fault: "GOAWAY, last stream id of the first, then close",
    moment: "three open, none answered",
    outcomes: [goneAway, again, again],
    first: after(3, (connection) => {
      connection.goAway(1);
      connection.end();
    }),
  },
  {
    fault: "GOAWAY, last stream id of the last, then close",
    moment: "three open, none answered",
    outcomes: [goneAway, goneAway, goneAway],
    first: after(3, (connection) => {
      connection.goAway(5);
      connection.end();
    }),
  },
  {
    fault: "GOAWAY with the largest last stream id, then one with the first's",
    moment: "three open; the first is answered in between",
    outcomes: [accepted, again, again],
    first: after(3, (connection) => {
      connection.goAway(0x7fff_ffff);
      connection.answer(1);
      connection.goAway(1);
    }),
  },
  {
    fault: "GOAWAY, then TCP reset",
    moment: "three open, none answered",
    outcomes: [again, again, again],
    first: after(3, (connection) => {
      connection.goAway(0);
      setTimeout(() => connection.cut(), 30);
    }),
  },
  {
    fault: "GOAWAY, reason BadCertificateEnvironment, then close",
    moment: "at once behind SETTINGS",
    outcomes: ["unsent 0 ERR_APNS_GOAWAY", "unsent 0 ERR_APNS_GOAWAY", "unsent 0 ERR_APNS_GOAWAY"],
    first: (connection) => {
      connection.together(() => {
        connection.settings();
        connection.goAway(0, "BadCertificateEnvironment");
      });
      connection.end();
    },
    connections: 1,
  },
  {
    fault: "GOAWAY, reason BadCertificateEnvironment",
    moment: "three open",
    outcomes: ["unsent 1 ERR_APNS_GOAWAY", "unsent 1 ERR_APNS_GOAWAY", "unsent 1 ERR_APNS_GOAWAY"],
    first: after(3, (connection) => connection.goAway(0, "BadCertificateEnvironment")),
    connections: 1,
  },
  {
    fault: "GOAWAY without a reason, then one with reason BadCertificateEnvironment",
    moment: "three open",
    outcomes: ["unsent 1 ERR_APNS_GOAWAY", "unsent 1 ERR_APNS_GOAWAY", "unsent 1 ERR_APNS_GOAWAY"],
    first: after(3, (connection) => {
      connection.together(() => {
        connection.goAway(0);
        connection.goAway(0, "BadCertificateEnvironment");
      });
    }),
    connections: 1,
  },
  {
    fault: "GOAWAY, reason Shutdown",
    moment: "three open",
    outcomes: [again, again, again],
    first: after(3, (connection) => connection.goAway(0, "Shutdown")),
    connections: 2,
  },
  {
    fault: "GOAWAY, a reason from the future",
    moment: "three open",
    outcomes: [again, again, again],
    first: after(3, (connection) => connection.goAway(0, "NewIn2030")),
    connections: 2,
  },
  {
    fault: "GOAWAY, error code ENHANCE_YOUR_CALM, debug data that is no JSON",
    moment: "three open; the first was answered before",
    outcomes: [accepted, again, again],
    first: after(3, (connection) => {
      connection.answer(1);
      connection.write(Buffer.from("00000c07000000000000000001" + "0000000b" + "7b7b7b7b", "hex"));
    }),
  },
  {
    fault: "GOAWAY, last stream id 0, on every connection",
    moment: "until the deadline",
    outcomes: ["unsent 3 ERR_APNS_TIMEOUT"],
    untilDeadline: true,
    // Attempts at 0, 100 and 300 ms, the next at 700.
    options: { timeoutMs: 500 },
    first: after(1, (connection) => connection.goAway(0)),
    further: after(1, (connection) => connection.goAway(0)),
  },
  {
    fault: "GOAWAY, last stream id of the last, and then silence",
    moment: "three open",
    outcomes: [late, late, late],
    options: { requestTimeoutMs: 200 },
    first: after(3, (connection) => connection.goAway(5)),
  },

  // RST_STREAM
  {
    fault: "RST_STREAM, REFUSED_STREAM",
    moment: "before its answer",
    outcomes: [accepted, again, accepted],
    first: after(3, async (connection) => {
      connection.resetStream(3, Http2ErrorCode.REFUSED_STREAM);
      connection.answer(1);
      connection.answer(5);
      await connection.received(4);
      connection.answer(7);
    }),
    connections: 1,
  },
  {
    fault: "RST_STREAM, REFUSED_STREAM, every time",
    moment: "on the first connection",
    outcomes: ["accepted 3"],
    first: always((connection, streamId) => connection.resetStream(streamId, Http2ErrorCode.REFUSED_STREAM)),
    connections: 2,
  },
  {
    fault: "RST_STREAM, REFUSED_STREAM, every time",
    moment: "on every connection, until the deadline",
    outcomes: ["unsent 6 ERR_APNS_TIMEOUT"],
    untilDeadline: true,
    options: { timeoutMs: 900 },
    first: always((connection, streamId) => connection.resetStream(streamId, Http2ErrorCode.REFUSED_STREAM)),
    further: always((connection, streamId) => connection.resetStream(streamId, Http2ErrorCode.REFUSED_STREAM)),
    connections: 3,
  },
  {
    fault: "RST_STREAM, INTERNAL_ERROR, every time",
    moment: "on the first connection, one request after the other",
    outcomes: ["unconfirmed 1 ERR_APNS_STREAM_RESET", "unconfirmed 1 ERR_APNS_STREAM_RESET", accepted],
    first: always(
      (connection, streamId) => connection.resetStream(streamId, Http2ErrorCode.INTERNAL_ERROR),
      [limit(1)],
    ),
    options: { maxConnections: 1 },
    connections: 2,
  },
  {
    fault: "RST_STREAM, INTERNAL_ERROR",
    moment: "before its answer",
    outcomes: [accepted, "unconfirmed 1 ERR_APNS_STREAM_RESET", accepted],
    first: after(3, (connection) => {
      connection.resetStream(3, Http2ErrorCode.INTERNAL_ERROR);
      connection.answer(1);
      connection.answer(5);
    }),
    connections: 1,
  },
  {
    fault: "RST_STREAM, CANCEL",
    moment: "between the headers and the body of its answer",
    outcomes: [accepted, "rejected 1 HttpStatus400", accepted],
    first: after(3, (connection) => {
      connection.headers(3, 400, false);
      connection.resetStream(3, Http2ErrorCode.CANCEL);
      connection.answer(1);
      connection.answer(5);
    }),
    connections: 1,
  },
  {
    fault: "RST_STREAM, NO_ERROR",
    moment: "after its answer",
    outcomes: [accepted, accepted, accepted],
    first: after(3, (connection) => {
      answerAll(connection);
      connection.resetStream(3, Http2ErrorCode.NO_ERROR);
    }),
    connections: 1,
  },

  // The connection ends
  {
    fault: "TCP FIN",
    moment: "three open; the first is answered",
    outcomes: [accepted, lost, lost],
    first: after(3, (connection) => {
      connection.answer(1);
      connection.end();
    }),
  },
  {
    fault: "TCP reset",
    moment: "three open, none answered",
    outcomes: [lost, lost, lost],
    first: after(3, (connection) => connection.cut()),
  },
  {
    fault: "TCP reset",
    moment: "two on streams, two still waiting",
    outcomes: [lost, lost, accepted, accepted],
    first: after(2, (connection) => connection.cut(), [limit(2)]),
    connections: 2,
  },
  {
    fault: "TCP FIN",
    moment: "in the middle of the frame of an answer",
    outcomes: [accepted, lost, lost],
    first: after(3, (connection) => {
      connection.answer(1);
      connection.write(Buffer.from("000001010500", "hex"));
      connection.end();
    }),
  },
  {
    fault: "TCP FIN",
    moment: "between the headers and the body of an answer",
    outcomes: [accepted, "rejected 1 HttpStatus400", lost],
    first: after(3, (connection) => {
      connection.answer(1);
      connection.headers(3, 400, false);
      connection.end();
    }),
  },
  {
    fault: "TCP FIN",
    moment: "after the headers of a 200 that do not end their stream, and after a body that does not either",
    outcomes: [accepted, "rejected 1 BadDeviceToken", lost],
    first: after(3, (connection) => {
      connection.headers(1, 200, false);
      connection.headers(3, 400, false);
      connection.data(3, '{"reason":"BadDeviceToken"}', false);
      connection.end();
    }),
  },
  {
    fault: "GOAWAY, last stream id 0, and RST_STREAM, REFUSED_STREAM",
    moment: "after the headers of a 200 that do not end their stream",
    outcomes: [accepted, accepted, "accepted 2"],
    first: after(3, (connection) => {
      connection.headers(1, 200, false);
      connection.headers(3, 200, false);
      connection.resetStream(3, Http2ErrorCode.REFUSED_STREAM);
      connection.goAway(0);
    }),
  },
  {
    fault: "TCP FIN",
    moment: "on an idle connection",
    outcomes: [accepted, accepted, accepted],
    idleMs: 50,
    first: (connection) => {
      connection.settings();
      connection.end();
    },
    connections: 2,
  },

  // SETTINGS and windows
  {
    fault: "SETTINGS lower the stream limit to 1",
    moment: "three open, two waiting; the open ones are answered",
    outcomes: [accepted, accepted, accepted, accepted, accepted],
    options: { maxConnections: 1 },
    first: after(
      3,
      async (connection) => {
        connection.settings([limit(1)]);
        answerAll(connection);
        await connection.received(4);
        connection.answer(7);
        await connection.received(5);
        connection.answer(9);
      },
      [limit(3)],
    ),
    connections: 1,
  },
  {
    fault: "SETTINGS lower the stream limit to 1, and the streams above are refused",
    moment: "three open",
    outcomes: [accepted, again, again],
    options: { maxConnections: 1 },
    first: after(3, async (connection) => {
      connection.settings([limit(1)]);
      connection.resetStream(3, Http2ErrorCode.REFUSED_STREAM);
      connection.resetStream(5, Http2ErrorCode.REFUSED_STREAM);
      connection.answer(1);
      await connection.received(4);
      connection.answer(7);
      await connection.received(5);
      connection.answer(9);
    }),
    connections: 1,
  },
  {
    fault: "SETTINGS allow no stream at all",
    moment: "from the beginning",
    outcomes: ["unsent 0 ERR_APNS_TIMEOUT", "unsent 0 ERR_APNS_TIMEOUT"],
    options: { timeoutMs: 300, maxConnections: 1 },
    first: (connection) => connection.settings([limit(0)]),
    connections: 1,
  },
  {
    fault: "Streams are not given a window",
    moment: "headers out, bodies held back until the request times out",
    outcomes: [late, late],
    options: { requestTimeoutMs: 200 },
    first: (connection) => connection.settings([window(0)]),
  },
  {
    fault: "Streams are given their window late",
    moment: "headers out, bodies held back for a moment",
    outcomes: [accepted, accepted],
    first: async (connection) => {
      connection.settings([window(0)]);
      await connection.received(2, "headers");
      for (const { streamId } of connection.requests) connection.window(streamId, 10_000);
      await connection.received(2);
      answerAll(connection);
    },
    connections: 1,
  },
  {
    fault: "The connection's window is used up and not renewed",
    moment: "the first 16 bodies of 4000 bytes fit, the 17th in part; three are waiting",
    outcomes: [
      ...Array.from({ length: 17 }, () => late),
      ...Array.from({ length: 3 }, () => "unsent 0 ERR_APNS_TIMEOUT"),
    ],
    options: { requestTimeoutMs: 300, queueTimeoutMs: 200, maxConnections: 1 },
    payloadBytes: 4000,
    first: (connection) => connection.settings(),
  },

  // Silence
  {
    fault: "Silence: PING is not answered either",
    moment: "two open, none answered",
    outcomes: [lost, lost],
    options: { pingAfterMs: 100, pingTimeoutMs: 100 },
    first: (connection) => {
      connection.answersPings = false;
      connection.settings();
    },
    connections: 1,
  },
  {
    fault: "Silence on a connection that was idle",
    moment: "before the next notification, which goes out on another connection",
    outcomes: [accepted],
    options: { idlePingMs: 50, pingTimeoutMs: 50 },
    idleMs: 400,
    first: (connection) => {
      connection.answersPings = false;
      connection.settings();
    },
    connections: 2,
  },
  {
    fault: "The process is frozen, and the connection is lost in silence meanwhile",
    moment: "before the next notification, which goes out on another connection",
    outcomes: [accepted],
    options: { idlePingMs: 150, pingTimeoutMs: 150 },
    first: (connection) => {
      connection.settings();
      connection.answersPings = false;
    },
    frozenMs: 500,
    connections: 2,
  },
  {
    fault: "The first request is never answered, though PING is",
    moment: "one open, two waiting for its answer; they go out on another connection after a second",
    outcomes: [late, accepted, accepted],
    options: { auth: tokenAuth, requestTimeoutMs: 3_000 },
    first: (connection) => connection.settings(),
    connections: 2,
  },
  {
    fault: "No answer, though PING is answered",
    moment: "two open",
    outcomes: [late, late],
    options: { pingAfterMs: 100, requestTimeoutMs: 300 },
    first: (connection) => connection.settings(),
    connections: 1,
  },
  {
    fault: "An answer that trickles",
    moment: "its body octet by octet, until the request times out",
    outcomes: ["rejected 1 HttpStatus400"],
    options: { requestTimeoutMs: 300, pingAfterMs: 100 },
    first: after(1, async (connection) => {
      connection.headers(1, 400, false);
      while (!connection.socket.destroyed) {
        connection.data(1, "x", false);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    }),
  },

  // The peer breaks the protocol
  {
    fault: "DATA before the headers of the answer",
    moment: "two open; the other is answered",
    outcomes: [protocol, accepted],
    first: after(2, (connection) => {
      connection.data(1, "{}", true);
      connection.answer(3);
    }),
  },
  {
    fault: "An answer without :status",
    moment: "two open; the other is answered",
    outcomes: [protocol, accepted],
    first: after(2, (connection) => {
      connection.write(Buffer.from("000000010500000001", "hex"));
      connection.answer(3);
    }),
  },
  {
    fault: "An answer with a field that HTTP/2 forbids (connection)",
    moment: "two open; the other is answered",
    outcomes: [protocol, accepted],
    says: [/^APNs' answer with HTTP status 200 breaks the protocol, .*: connection is connection-specific \(RFC 9113/],
    first: after(2, (connection) => {
      connection.fields(1, [["connection", "close"]]);
      connection.answer(3);
    }),
    resets: [1],
  },
  {
    fault: "An answer with a field name in upper case",
    moment: "two open; the other is answered",
    outcomes: [protocol, accepted],
    says: [
      /^APNs' answer with HTTP status 200 breaks the protocol, .*: a field has a character that is not allowed \(RFC 9113/,
    ],
    first: after(2, (connection) => {
      connection.fields(1, [["Apns-Id", "A"]]);
      connection.answer(3);
    }),
    resets: [1],
  },
  {
    fault: "A header block that cannot be decoded",
    moment: "two open",
    outcomes: [protocol, protocol],
    first: after(2, (connection) => connection.write(Buffer.from("000001010500000001ff", "hex"))),
  },
  {
    fault: "A frame larger than allowed",
    moment: "two open; the first is answered before",
    outcomes: [accepted, protocol],
    first: after(2, (connection) => {
      connection.answer(1);
      connection.write(Buffer.from("ffffff000000000003", "hex"));
    }),
  },
  {
    fault: "An answer on a stream that was never opened",
    moment: "two open",
    outcomes: [protocol, protocol],
    first: after(2, (connection) => connection.answer(99)),
  },
  {
    fault: "A body of an answer beyond all bounds",
    moment: "two open; the other is answered",
    outcomes: ["rejected 1 HttpStatus400", accepted],
    first: after(2, (connection) => {
      connection.headers(1, 400, false);
      connection.data(1, "x".repeat(16_384), false);
      connection.data(1, "x".repeat(1000), true);
      connection.answer(3);
    }),
  },
  {
    fault: "An interim answer (103)",
    moment: "before the answer",
    outcomes: [accepted],
    first: after(1, (connection) => {
      connection.headers(1, 103, false);
      connection.answer(1);
    }),
    connections: 1,
  },

  // Answers
  {
    fault: "503 ServiceUnavailable, 429 TooManyRequests",
    moment: "as answers to two of three",
    outcomes: ["rejected 1 ServiceUnavailable", "rejected 1 TooManyRequests", accepted],
    first: after(3, (connection) => {
      connection.answer(1, 503, "ServiceUnavailable");
      connection.answer(3, 429, "TooManyRequests");
      connection.answer(5);
    }),
    connections: 1,
  },
  {
    fault: "400 IdleTimeout",
    moment: "as the answer to the first of two; a third is sent afterwards, on another connection",
    outcomes: ["rejected 1 IdleTimeout", accepted, accepted],
    first: after(
      2,
      (connection) => {
        connection.answer(1, 400, "IdleTimeout");
        connection.answer(3);
      },
      [limit(2)],
    ),
    options: { maxConnections: 1 },
    connections: 2,
  },
  {
    fault: "500 InternalServerError",
    moment: "as the answer to the first of two; a third goes out at once, while another connection is made",
    outcomes: ["rejected 1 InternalServerError", accepted, accepted],
    first: always(
      (connection, streamId) =>
        streamId === 1 ? connection.answer(1, 500, "InternalServerError") : connection.answer(streamId),
      [limit(2)],
    ),
    options: { maxConnections: 1 },
  },
  {
    fault: "429 TooManyProviderTokenUpdates, every time",
    moment: "on the first connection, one request after the other",
    outcomes: ["rejected 1 TooManyProviderTokenUpdates", "rejected 1 TooManyProviderTokenUpdates", accepted],
    first: always(
      (connection, streamId) => connection.answer(streamId, 429, "TooManyProviderTokenUpdates"),
      [limit(1)],
    ),
    options: { maxConnections: 1 },
    connections: 2,
  },
  {
    fault: "502 without a reason, every time",
    moment: "on the first connection, one request after the other",
    outcomes: ["rejected 1 HttpStatus502", "rejected 1 HttpStatus502", accepted],
    first: always((connection, streamId) => connection.answer(streamId, 502), [limit(1)]),
    options: { maxConnections: 1 },
    connections: 2,
  },
  {
    fault: "503 ServiceUnavailable, every time but the second",
    moment: "on the first connection, one request after the other",
    outcomes: ["rejected 1 ServiceUnavailable", accepted, "rejected 1 ServiceUnavailable"],
    first: always(
      (connection, streamId) =>
        streamId === 3 ? connection.answer(3) : connection.answer(streamId, 503, "ServiceUnavailable"),
      [limit(1)],
    ),
    options: { maxConnections: 1 },
    connections: 1,
  },
  {
    fault: "503 Shutdown",
    moment: "as the answer to the first of two; a third is sent afterwards, on another connection",
    outcomes: ["rejected 1 Shutdown", accepted, accepted],
    first: after(
      2,
      (connection) => {
        connection.answer(1, 503, "Shutdown");
        connection.answer(3);
      },
      [limit(2)],
    ),
    options: { maxConnections: 1 },
    connections: 2,
  },
  {
    fault: "403 InvalidProviderToken",
    moment: "as the answer to all",
    outcomes: ["rejected 1 InvalidProviderToken", "rejected 1 InvalidProviderToken"],
    first: after(2, (connection) => {
      for (const { streamId } of connection.requests) connection.answer(streamId, 403, "InvalidProviderToken");
    }),
    connections: 1,
  },
  {
    fault: "403 ExpiredProviderToken, to a token too young to be replaced",
    moment: "as the answer to the first of two; the second goes out on another connection",
    outcomes: ["rejected 1 ExpiredProviderToken", accepted],
    options: { auth: tokenAuth },
    first: after(1, (connection) => connection.answer(1, 403, "ExpiredProviderToken")),
    connections: 2,
  },
  {
    fault: "An answer twice",
    moment: "two open",
    outcomes: [accepted, protocol],
    first: after(2, (connection) => {
      connection.answer(1);
      connection.answer(1);
    }),
  },

  // Giving up
  {
    fault: "The caller's AbortSignal",
    moment: "two on streams, two waiting",
    outcomes: [
      "unconfirmed 1 ERR_APNS_ABORTED",
      "unconfirmed 1 ERR_APNS_ABORTED",
      "unsent 0 ERR_APNS_ABORTED",
      "unsent 0 ERR_APNS_ABORTED",
    ],
    options: { maxConnections: 1 },
    first: (connection) => connection.settings([limit(2)]),
    abortAfter: 2,
    connections: 1,
  },
  {
    fault: "The caller's AbortSignal",
    moment: "in the turn that sends",
    outcomes: ["unsent 0 ERR_APNS_ABORTED", "unsent 0 ERR_APNS_ABORTED"],
    first: acceptAll,
    abortAfter: 0,
    connections: 1,
  },
  {
    fault: "close() without time left",
    moment: "two on streams, two waiting",
    outcomes: [
      "unconfirmed 1 ERR_APNS_TRANSPORT_CLOSED",
      "unconfirmed 1 ERR_APNS_TRANSPORT_CLOSED",
      "unsent 0 ERR_APNS_TRANSPORT_CLOSED",
      "unsent 0 ERR_APNS_TRANSPORT_CLOSED",
    ],
    options: { maxConnections: 1 },
    first: (connection) => connection.settings([limit(2)]),
    closeAfter: 2,
    connections: 1,
  },
  {
    fault: "The deadline (timeoutMs)",
    moment: "two on streams, two waiting",
    outcomes: [late, late, "unsent 0 ERR_APNS_TIMEOUT", "unsent 0 ERR_APNS_TIMEOUT"],
    options: { maxConnections: 1, timeoutMs: 300 },
    first: (connection) => connection.settings([limit(2)]),
    connections: 1,
  },
  {
    fault: "The deadline (timeoutMs)",
    moment: "passes while the event loop is blocked in the turn that sends",
    outcomes: ["unsent 0 ERR_APNS_TIMEOUT", "unsent 0 ERR_APNS_TIMEOUT"],
    options: { timeoutMs: 300 },
    first: acceptAll,
    busyMs: 500,
    connections: 1,
  },
  {
    fault: "The queue's time (queueTimeoutMs)",
    moment: "one on a stream and answered later, two waiting",
    outcomes: [accepted, "unsent 0 ERR_APNS_TIMEOUT", "unsent 0 ERR_APNS_TIMEOUT"],
    options: { maxConnections: 1, queueTimeoutMs: 150 },
    first: async (connection) => {
      connection.settings([limit(1)]);
      await connection.received(1);
      await new Promise((resolve) => setTimeout(resolve, 400));
      connection.answer(1);
    },
    connections: 1,
  },
  {
    fault: "The queue is full (maxQueued: 1)",
    moment: "one on a stream, one waiting, one too many",
    outcomes: [accepted, accepted, "unsent 0 ERR_APNS_QUEUE_FULL"],
    options: { maxConnections: 1, maxQueued: 1 },
    first: (connection) => acceptAll(connection, [limit(1)]),
    connections: 1,
  },
];

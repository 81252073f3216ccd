import { HpackEncoder } from "../hpack/encoder.js";
import { OutputQueue } from "../output/output-queue.js";
import { BodyBudget } from "../streams/body-budget.js";
import { FlowControl } from "../streams/flow-control.js";
import { StreamTable } from "../streams/stream-table.js";
import { FloodGuard } from "./flood-guard.js";
import { FrameReader } from "./frame-reader.js";
import { GoAway } from "./go-away.js";
import type { ConnectionHandler } from "./handler.js";
import { HeaderReader } from "./header-reader.js";
import { initialSettings } from "./http2-settings.js";
import { Lifecycle } from "./lifecycle.js";
import type { ResolvedConnectionOptions } from "./options.js";
import { Pings } from "./pings.js";
import { clientPreface } from "./preface.js";
import { ReplyBudget } from "./reply-budget.js";
import { Resets } from "./resets.js";
import type { Peer } from "./role.js";
import { Settings } from "./settings.js";

/** The parts of one connection. Each keeps one kind of state; none knows the connection or its role. */
export class ConnectionParts {
  readonly peer: Peer;
  readonly options: ResolvedConnectionOptions;
  // in: octets → frames → header lists
  readonly frames: FrameReader;
  readonly headers: HeaderReader;
  // streams
  readonly bodies: BodyBudget;
  readonly streams: StreamTable;
  readonly flow: FlowControl;
  readonly resets: Resets;
  // the connection itself
  readonly lifecycle: Lifecycle;
  readonly goAway: GoAway;
  readonly settings: Settings;
  readonly pings: Pings;
  // limits
  readonly floods: FloodGuard;
  readonly replies: ReplyBudget;
  // out: header fields → octets
  readonly encoder: HpackEncoder;
  readonly output: OutputQueue;

  constructor(peer: Peer, options: ResolvedConnectionOptions, handler: ConnectionHandler) {
    this.peer = peer;
    this.options = options;
    this.output = new OutputQueue(options.slabBytes);
    this.bodies = new BodyBudget(options.maxBufferedBodyBytes);
    this.streams = new StreamTable(this.bodies);
    this.encoder = new HpackEncoder(options.encoderTableBytes);
    this.frames = new FrameReader(peer === "client" ? clientPreface : "", initialSettings.maxFrameSize);
    this.headers = new HeaderReader(options);
    this.flow = new FlowControl(this.output, this.streams, options.connectionWindowBytes);
    this.resets = new Resets(this.output, options.rememberedResets);
    this.lifecycle = new Lifecycle(this.streams, handler);
    this.goAway = new GoAway(this.output, this.lifecycle);
    this.floods = new FloodGuard(options);
    this.replies = new ReplyBudget(this.output, options.maxQueuedReplyBytes);
    this.pings = new Pings(this.output, this.replies, options.maxOutstandingPings, options.pingTimeoutMs);
    this.settings = new Settings(peer, options.settingsTimeoutMs, this);
  }
}

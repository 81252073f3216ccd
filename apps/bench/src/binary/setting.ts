import { alert, type Notification } from "@apns/core";
import type { PemIdentity } from "@apns/credentials";
import { payload } from "../http2/setting.js";

/** The setting of every contender. */
export interface BinarySetting {
  readonly port: number;
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
  readonly count: number;
  readonly warmUp: number;
  /** A payload of its own, made by `alert`, for each send; for contenders that can. @default one for all */
  readonly personal?: boolean;
}

/** What the sink has used and read since its start. */
export interface SinkFigures {
  readonly cpuSeconds: number;
  readonly frames: number;
}

/** What the sink answers. */
export type SinkCalls = {
  /** @returns its port */
  listen(identity: Pick<PemIdentity, "cert" | "key">): Promise<number>;
  figures(): SinkFigures;
};

const body: Buffer = Buffer.from(JSON.stringify(payload));
export const notification: Notification = alert(payload);

/** A command 1 frame without its device token: 250 bytes of payload. */
export function frameOf(deviceToken: string): Buffer {
  const head = Buffer.alloc(11);
  head[0] = 1;
  head.writeUInt32BE(0x7fff_ffff, 5);
  head.writeUInt16BE(32, 9);
  const length = Buffer.alloc(2);
  length.writeUInt16BE(body.length);
  return Buffer.concat([head, Buffer.from(deviceToken, "hex"), length, body]);
}

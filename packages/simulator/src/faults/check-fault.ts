import { checkInteger, checkOneOf, checkText, InvalidArgumentError, type Wire } from "@apns/core";
import type { Fault } from "./fault.js";

/** Where each kind of fault exists. */
export const wiresOf: Readonly<Record<Fault["type"], readonly Wire[]>> = {
  blackHole: ["http2", "binary"],
  cut: ["http2", "binary"],
  reject: ["http2", "binary"],
  stallTls: ["http2", "binary"],
  goAway: ["http2"],
  refuseStream: ["http2"],
  resetStream: ["http2"],
  settings: ["http2"],
  stopReading: ["http2"],
  delay: ["http2"],
  reorder: ["http2"],
  shutdown: ["binary"],
  errorResponse: ["binary"],
  identifierZero: ["binary"],
};

const max32 = 0xffff_ffff;
const max31 = 0x7fff_ffff;
const maxMs = 3_600_000;

/** @throws {InvalidArgumentError} naming the field that is wrong */
export function checkFault(fault: Fault): void {
  checkOneOf("fault.type", fault.type, Object.keys(wiresOf));
  if (fault.wire !== undefined) checkOneOf(`fault.wire of ${fault.type}`, fault.wire, wiresOf[fault.type]);
  if (fault.api !== undefined) checkOneOf("fault.api", fault.api, ["device", "broadcast", "channel"] as const);
  if (fault.after !== undefined) checkInteger("fault.after", fault.after, 0);
  if (fault.times !== undefined) checkInteger("fault.times", fault.times, 1);
  if (fault.share !== undefined && !(fault.share >= 0 && fault.share <= 1)) {
    throw new InvalidArgumentError("fault.share", `${fault.share} is not a probability from 0 to 1.`);
  }
  if (fault.deviceToken !== undefined) checkText("fault.deviceToken", fault.deviceToken);
  checkKind(fault);
}

function checkKind(fault: Fault): void {
  const integer = (field: string, value: number | undefined, min: number, max: number): void => {
    if (value !== undefined) checkInteger(`fault.${field}`, value, min, max);
  };
  switch (fault.type) {
    case "cut":
      checkOneOf("fault.how", fault.how, ["fin", "rst"] as const);
      break;
    case "errorResponse":
      checkOneOf("fault.how", fault.how, ["missing", "split", "reset"] as const);
      break;
    case "reject":
      checkText("fault.reason", fault.reason);
      integer("httpStatus", fault.httpStatus, 400, 599);
      integer("statusCode", fault.statusCode, 0, 255);
      break;
    case "goAway":
      integer("errorCode", fault.errorCode, 0, max32);
      if (typeof fault.lastStream === "number") integer("lastStream", fault.lastStream, 0, max31);
      else if (fault.lastStream !== undefined) {
        checkOneOf("fault.lastStream", fault.lastStream, ["this", "previous"] as const);
      }
      break;
    case "resetStream":
      checkInteger("fault.errorCode", fault.errorCode, 0, max32);
      break;
    case "delay":
      checkInteger("fault.ms", fault.ms, 0, maxMs);
      integer("jitterMs", fault.jitterMs, 0, maxMs);
      break;
    case "reorder":
      checkInteger("fault.depth", fault.depth, 2, 10_000);
      break;
    case "stopReading":
      integer("forMs", fault.forMs, 1, maxMs);
      break;
    case "settings":
      integer("maxConcurrentStreams", fault.maxConcurrentStreams, 0, max32);
      integer("initialWindowBytes", fault.initialWindowBytes, 0, max31);
      integer("maxFrameBytes", fault.maxFrameBytes, 16_384, 0xff_ffff);
      integer("headerTableBytes", fault.headerTableBytes, 0, 65_536);
      integer("forMs", fault.forMs, 1, maxMs);
      break;
    default:
  }
}

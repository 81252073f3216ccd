import apn from "@apns/node-apn";
import { answerParent } from "@apns/processes";
import type { Figures } from "../figures.js";
import type { ContenderCalls } from "../processes.js";
import { type NodeApn, useNodeApn } from "./node-apn-use.js";
import type { Http2Setting } from "./setting.js";

answerParent<ContenderCalls<Http2Setting, Figures>>({
  run: (setting) => useNodeApn(apn as unknown as NodeApn, setting),
});

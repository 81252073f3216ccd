import { answerParent } from "@apns/processes";
import apn from "@parse/node-apn";
import type { Figures } from "../figures.js";
import type { ContenderCalls } from "../processes.js";
import { useNodeApn } from "./node-apn-use.js";
import type { Http2Setting } from "./setting.js";

answerParent<ContenderCalls<Http2Setting, Figures>>({ run: (setting) => useNodeApn(apn, setting) });

import type { Outcome, Transport } from "@apns/http2";
import { sendAlert } from "./notifications/alert.js";
import { sendBackground } from "./notifications/background.js";
import { sendComplication } from "./notifications/complication.js";
import { sendControls } from "./notifications/controls.js";
import { sendFileProvider } from "./notifications/file-provider.js";
import { endLiveActivity, startLiveActivity, updateLiveActivity } from "./notifications/live-activity.js";
import { sendLocation } from "./notifications/location.js";
import { sendLongText } from "./notifications/long-text.js";
import { sendMdm } from "./notifications/mdm.js";
import { sendPushToTalk } from "./notifications/push-to-talk.js";
import { sendVerbatim } from "./notifications/verbatim.js";
import { sendVoip } from "./notifications/voip.js";
import { sendWidgets } from "./notifications/widgets.js";

export type Example = (transport: Transport, deviceToken: string) => Promise<Outcome>;

/** Every example, by the name it is started with. */
export const examples: Readonly<Record<string, Example>> = {
  alert: sendAlert,
  "long-text": sendLongText,
  verbatim: sendVerbatim,
  background: sendBackground,
  location: sendLocation,
  voip: sendVoip,
  complication: sendComplication,
  "file-provider": sendFileProvider,
  mdm: sendMdm,
  "live-activity-start": startLiveActivity,
  "live-activity-update": updateLiveActivity,
  "live-activity-end": endLiveActivity,
  "push-to-talk": sendPushToTalk,
  widgets: sendWidgets,
  controls: sendControls,
};

import { alert } from "./alert.js";
import { background } from "./background.js";
import { complication } from "./complication.js";
import { fileProvider } from "./file-provider.js";
import { liveActivity } from "./live-activity.js";
import { location } from "./location.js";
import { mdm } from "./mdm.js";
import { pushToTalk } from "./push-to-talk.js";
import { voip } from "./voip.js";
import { walletPass } from "./wallet-pass.js";
import { controls, widgets } from "./widgets.js";

/**
 * The functions for all push types under one name: `push.alert(…)`, `push.liveActivity.update(…)`. Editors suggest its import, where
 * `alert` and `location` are already names of the browser's. Each function is exported by itself as well, which lets bundlers leave
 * out the others.
 */
export const push: {
  readonly alert: typeof alert;
  readonly background: typeof background;
  readonly complication: typeof complication;
  readonly controls: typeof controls;
  readonly fileProvider: typeof fileProvider;
  readonly liveActivity: typeof liveActivity;
  readonly location: typeof location;
  readonly mdm: typeof mdm;
  readonly pushToTalk: typeof pushToTalk;
  readonly voip: typeof voip;
  readonly walletPass: typeof walletPass;
  readonly widgets: typeof widgets;
} = Object.freeze({
  alert,
  background,
  complication,
  controls,
  fileProvider,
  liveActivity,
  location,
  mdm,
  pushToTalk,
  voip,
  walletPass,
  widgets,
});

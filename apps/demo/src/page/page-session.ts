import type { Stage } from "../stage/stage.js";
import type { PageChannel } from "./page-channel.js";
import type { ComposeResult, PageRequest } from "./protocol.js";

/** Carries out what one page asks for. @returns what is told beside "done" @throws why it cannot be done, for people */
export async function perform(
  request: PageRequest,
  stage: Stage,
  page: PageChannel,
): Promise<ComposeResult | undefined> {
  switch (request.type) {
    case "start":
      stage.start(page.id, request.settings);
      return undefined;
    case "pause":
      stage.pause();
      return undefined;
    case "resume":
      stage.resume();
      return undefined;
    case "stop":
      stage.stop();
      return undefined;
    case "share":
      stage.setShare(request.sharePercent);
      return undefined;
    case "fault":
      await stage.strike(request.name);
      return undefined;
    case "clearFaults":
      await stage.clearFaults();
      return undefined;
    case "phone":
      await stage.actOnPhone(request.phone, request.action);
      return undefined;
    case "readFeedback":
      await stage.readFeedback();
      return undefined;
    case "compose":
      return stage.compose(request.compose);
  }
}

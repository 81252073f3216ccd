import { alert, liveActivity, type Notification } from "@apns/core";
import type { ComposeRequest } from "../../page/protocol.js";

/** The notification of a request of the page. @throws {InvalidArgumentError} naming the field that is wrong */
export function composeNotification(request: ComposeRequest): Notification {
  return request.kind === "alert" ? composeAlert(request) : composeActivity(request);
}

function composeAlert({
  title,
  body,
  badge,
  sound,
  threadId,
  collapseId,
  priority,
  once,
  wire,
  format,
}: ComposeRequest): Notification {
  // The simple format has no expiration, and refuses to drop one in silence.
  const canExpire = wire === "http2" || format !== 0;
  return alert({
    aps: {
      alert: { ...(title === "" ? {} : { title }), body },
      ...(badge === null ? {} : { badge }),
      ...(sound ? { sound: "default" } : {}),
      ...(threadId === "" ? {} : { "thread-id": threadId }),
    },
    priority,
    ...(once && canExpire ? { expiration: "once" as const } : {}),
    ...(collapseId === "" ? {} : { collapseId }),
    payloadLimit: wire,
  });
}

function composeActivity({ event, title, body, percent, priority }: ComposeRequest): Notification {
  const state = { "content-state": { percent, message: body } };
  if (event === "update") return liveActivity.update({ aps: state, priority });
  if (event === "end") return liveActivity.end({ aps: state, priority });
  return liveActivity.start({
    aps: {
      ...state,
      "attributes-type": "DeliveryAttributes",
      attributes: { name: title },
      alert: { title, body },
    },
    priority,
  });
}

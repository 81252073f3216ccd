export {
  type ErrorResponse,
  ErrorResponseDecoder,
  encodeErrorResponse,
  errorResponseBytes,
  errorResponseCommand,
} from "./wire/error-response.js";
export {
  type CutFeedbackTuple,
  encodeFeedbackTuple,
  FeedbackDecoder,
  type FeedbackTuple,
} from "./wire/feedback-tuple.js";
export {
  type FrameCommand,
  frameBytes,
  frameItemIds,
  type NotificationFrame,
} from "./wire/frame.js";
export {
  type DecodedFrame,
  FrameDecoder,
  type FrameDecoderOptions,
  type FrameEvent,
  type FrameProblem,
  type FrameProblemKind,
} from "./wire/frame-decoder.js";
export { encodeFrame, type FrameInput, writeFrame } from "./wire/frame-encoder.js";

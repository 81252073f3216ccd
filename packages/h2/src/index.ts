// Connections
export { ClientConnection } from "./client/client-connection.js";
export { RequestTemplate, type RequestTemplateOptions } from "./client/request-template.js";
export type { Connection } from "./connection/connection.js";
export type {
  ClientHandler,
  ConnectionHandler,
  PartialResponse,
  RequestFailure,
  ServerHandler,
} from "./connection/handler.js";
export type { Http2Settings } from "./connection/http2-settings.js";
export type { ClientConnectionOptions, ConnectionOptions, ServerConnectionOptions } from "./connection/options.js";
export type { RateLimit } from "./connection/token-bucket.js";
// Errors
export { type ErrorScope, Http2Error, type Http2FaultCode, type Initiator } from "./errors.js";
// Frames: for tests, tools and simulated peers
export { type ContinuationFrame, decodeContinuationFrame, encodeContinuationFrame } from "./frame/continuation.js";
export { type DataFrame, decodeDataFrame, encodeDataFrame } from "./frame/data.js";
export { encodeFrame, type FrameHead, frameHeadBytes, readFrameHead } from "./frame/frame-head.js";
export { FrameFlag, FrameType } from "./frame/frame-type.js";
export { decodeGoAwayFrame, encodeGoAwayFrame, type GoAwayFrame } from "./frame/go-away.js";
export { decodeHeadersFrame, encodeHeadersFrame, type HeadersFrame } from "./frame/headers.js";
export { decodePingFrame, encodePingFrame, type PingFrame } from "./frame/ping.js";
export { decodePriorityFrame, encodePriorityFrame, type PriorityFrame, type StreamPriority } from "./frame/priority.js";
export { decodePushPromiseFrame, encodePushPromiseFrame, type PushPromiseFrame } from "./frame/push-promise.js";
export { decodeRstStreamFrame, encodeRstStreamFrame, type RstStreamFrame } from "./frame/rst-stream.js";
export {
  decodeSettingsFrame,
  encodeSettingsFrame,
  type Setting,
  SettingId,
  type SettingsFrame,
} from "./frame/settings.js";
export { decodeWindowUpdateFrame, encodeWindowUpdateFrame, type WindowUpdateFrame } from "./frame/window-update.js";
// HPACK
export { HpackDecoder } from "./hpack/decoder.js";
export { type FieldIndexing, HpackEncoder } from "./hpack/encoder.js";
export { type HeaderField, HeaderFields } from "./hpack/header-fields.js";
export type { TemplateField } from "./hpack/header-template.js";
export { HpackError } from "./hpack/hpack-error.js";
export { Http2ErrorCode, http2ErrorCodeName } from "./http2-error-code.js";
export type { FieldValues } from "./message/varying-fields.js";
export { ResponseTemplate, type ResponseTemplateOptions } from "./server/response-template.js";
export { ServerConnection } from "./server/server-connection.js";

export {
  type ConnectionMessage,
  channelNames,
  diagnosticsObserver,
  type SendRefusedMessage,
  type SendSettledMessage,
  type SendStartedMessage,
} from "./diagnostics-observer.js";
export { type MetricsOptions, metricNames, metricsObserver } from "./metrics-observer.js";
export { type TracingOptions, tracingObserver } from "./tracing-observer.js";

// For the operators of a bridge that runs as a service: health, metrics and the report over HTTP.
export { BridgeMetrics } from "./admin/metrics.js";
export { type OperationsOptions, OperationsServer } from "./admin/operations-server.js";

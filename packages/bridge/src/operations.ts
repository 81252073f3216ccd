// What a bridge that runs as a service shows its operators.
export { BridgeMetrics } from "./observe/metrics.js";
export { type OperationsOptions, OperationsServer } from "./observe/operations-server.js";

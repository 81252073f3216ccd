// The configuration file, for whoever runs a bridge as a service; the `apns bridge` command does.
export type { AppConfig, BridgeConfig, ListenerConfig, TlsConfig, UpstreamConfig } from "./config/bridge-config.js";
export { ConfigError, type ConfigProblem } from "./config/config-error.js";
export { ConfigFile } from "./config/parse-config.js";
export { type ConfigSurroundings, FileReader, type ReadConfigFile, toBridgeOptions } from "./config/to-options.js";

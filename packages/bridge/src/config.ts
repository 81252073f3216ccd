// The configuration file of a bridge that runs as a service, such as that of the `apns bridge` command.
export type { AppConfig, BridgeConfig, ListenerConfig, TlsConfig, UpstreamConfig } from "./config/bridge-config.js";
export { ConfigError, type ConfigProblem } from "./config/config-error.js";
export { ConfigFile } from "./config/parse-config.js";
export { type ConfigSurroundings, FileReader, type ReadConfigFile, toBridgeOptions } from "./config/to-options.js";

export { AddressSpread } from "./addresses.js";
export { type ConnectOptions, connect } from "./connect.js";
export { ConnectError, type ConnectHints, connectError } from "./connect-error.js";
export { contain, type Emitter } from "./contain.js";
export { closeGracefully, type GracefulCloseOptions, type ScheduleTimer } from "./graceful-close.js";
export { type ListenOptions, listen } from "./listen.js";
export { type HttpProxy, openTunnel, parseProxy, proxyFromEnvironment, resolveProxy } from "./proxy.js";
export { certificateIdentity, readTlsIdentity, type TlsIdentity } from "./tls-identity.js";
export { TlsSessionCache } from "./tls-session-cache.js";

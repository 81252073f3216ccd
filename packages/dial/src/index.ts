export { AddressSpread } from "./addresses.js";
export { ConnectError, type ConnectHints, connectError } from "./connect-error.js";
export { type DialListener, type DialOptions, dial } from "./dial.js";
export { type HttpProxy, openTunnel, parseProxy, proxyFromEnvironment } from "./proxy.js";
export { readTlsIdentity, type TlsIdentity } from "./tls-identity.js";

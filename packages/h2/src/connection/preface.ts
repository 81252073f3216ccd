/**
 * The octets that a client sends first (RFC 9113 section 3.4); its SETTINGS follow. A server's preface is its SETTINGS
 * alone.
 */
export const clientPreface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

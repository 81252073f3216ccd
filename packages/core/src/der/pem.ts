/** DER as PEM text, 64 characters a line as RFC 7468 wants it. */
export function encodePem(label: string, der: Uint8Array): string {
  let octets = "";
  for (const byte of der) octets += String.fromCharCode(byte);
  const lines = btoa(octets).match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join("\n")}\n-----END ${label}-----\n`;
}

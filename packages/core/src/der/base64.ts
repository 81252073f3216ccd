/** The value of each character code: base64 and base64url alike, 255 for all others. */
const digitValue = new Uint8Array(128).fill(255);
for (const alphabet of ["ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", "-_"]) {
  for (let index = 0; index < alphabet.length; index++) {
    digitValue[alphabet.charCodeAt(index)] = alphabet.length === 2 ? 62 + index : index;
  }
}

/** The bytes of base64 or base64url, blanks passed over; `undefined` if the text holds other characters. */
export function decodeBase64(text: string): Uint8Array | undefined {
  const digits = text.replaceAll(/\s/g, "").replace(/={1,2}$/, "");
  // A single digit behind whole groups of four is less than a byte.
  if (digits.length % 4 === 1) return undefined;
  const bytes = new Uint8Array(Math.floor((digits.length * 3) / 4));
  let bits = 0;
  let bitCount = 0;
  let length = 0;
  for (let index = 0; index < digits.length; index++) {
    const value = digitValue[digits.charCodeAt(index)] ?? 255;
    if (value === 255) return undefined;
    bits = ((bits << 6) | value) & 0xffff;
    bitCount += 6;
    if (bitCount < 8) continue;
    bitCount -= 8;
    bytes[length++] = bits >> bitCount;
  }
  return bytes;
}

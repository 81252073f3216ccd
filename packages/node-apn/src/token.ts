/**
 * The hexadecimal text of a device token: of a Buffer its bytes, of a text its hexadecimal digits, whatever stands between them.
 * @throws {Error} if nothing is left
 */
export function token(input: string | Uint8Array): string {
  const text =
    typeof input === "string" ? input : input instanceof Uint8Array ? Buffer.from(input).toString("hex") : "";
  const digits = text.replace(/[^0-9a-f]/gi, "");
  if (digits === "") throw new Error("Token has invalid length");
  return digits;
}

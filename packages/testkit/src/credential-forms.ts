/** The forms in which a PEM file reaches a program: by editors, environment variables, settings files and secret stores. */
export function credentialForms(pem: string): Readonly<Record<string, string | Uint8Array>> {
  const body = pem.replaceAll(/-----.*-----|\s/g, "");
  const utf16 = Buffer.from(pem, "utf16le");
  const base64 = (bytes: Uint8Array | string): string => Buffer.from(bytes as Uint8Array).toString("base64");
  return {
    "as it is": pem,
    "as bytes": Buffer.from(pem),
    "with Windows' line ends": pem.replaceAll("\n", "\r\n"),
    "without its last line end": pem.trimEnd(),
    "with text around it": `Bag Attributes\n  friendlyName: push\n${pem}the end\n`,
    "behind the parameters of its curve": `-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n${pem}`,
    "behind a byte order mark": `\ufeff${pem}`,
    "behind a byte order mark in bytes": Buffer.from(`\ufeff${pem}`),
    "in UTF-16": Buffer.concat([Buffer.of(0xff, 0xfe), utf16]),
    "in UTF-16, big-endian": Buffer.concat([Buffer.of(0xfe, 0xff), Buffer.from(utf16).swap16()]),
    "in UTF-16 without a byte order mark": utf16,
    "in UTF-16, read as UTF-8": Buffer.concat([Buffer.of(0xff, 0xfe), utf16]).toString("utf8"),
    "with escaped line ends": pem.replaceAll("\n", "\\n"),
    "with escaped line ends of Windows": pem.replaceAll("\n", "\\r\\n"),
    "with line ends escaped twice": pem.replaceAll("\n", "\\\\n"),
    "with line ends of Windows escaped twice": pem.replaceAll("\n", "\\\\r\\\\n"),
    "with a backslash before each line end": pem.replaceAll("\n", "\\\n"),
    "escaped, in quotes": JSON.stringify(pem),
    "escaped twice, in quotes": JSON.stringify(JSON.stringify(pem)),
    "on one line": pem.replaceAll("\n", ""),
    "with blanks for line ends": pem.replaceAll("\n", " "),
    indented: pem.replaceAll("\n", "\n    "),
    "its body alone": body,
    "its body alone, in lines": pem.replaceAll(/-----.*-----\n/g, ""),
    "its body alone, with escaped line ends": pem.replaceAll(/-----.*-----\n/g, "").replaceAll("\n", "\\n"),
    "its body alone, in quotes": `"${body}"`,
    "its body as base64url": Buffer.from(body, "base64").toString("base64url"),
    "in DER": Buffer.from(body, "base64"),
    "in DER with a line end": Buffer.concat([Buffer.from(body, "base64"), Buffer.from("\r\n")]),
    "base64 of the file": base64(pem),
    "base64 of the file, in lines": base64(pem).replaceAll(/.{76}/g, "$&\n"),
    "base64 of the file, in bytes": Buffer.from(base64(pem)),
    "base64 of the file, escaped": base64(pem.replaceAll("\n", "\\n")),
    "base64 of the file in UTF-16": base64(Buffer.concat([Buffer.of(0xff, 0xfe), utf16])),
    "base64 of base64 of the file": base64(base64(pem)),
    "base64 of its body": base64(body),
  };
}

/** Base64 of DER: what stands between BEGIN and END of a PEM file, or in one line in a variable. */
const bareBody = /^\s*M[\w+/\s-]+={0,2}\s*$/;

/** Whether a key is DER or base64 of that, which transports do not take. PEM they take, whatever became of its lines. */
export function isDer(key: Buffer): boolean {
  return key[0] === 0x30 || bareBody.test(key.toString("latin1"));
}

/** A line, or lines, to stdout: what the command was asked for. */
export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** A line to stdout. The promise, if there is one, is kept once whoever reads it has caught up. */
export function printPatiently(text: string): Promise<void> | undefined {
  if (process.stdout.write(`${text}\n`)) return undefined;
  return new Promise((resolve) => process.stdout.once("drain", resolve));
}

/** One JSON value to stdout, for people who read it, too. */
export function printJson(value: unknown): void {
  print(JSON.stringify(value, null, 2));
}

/** To stderr: what the command was not asked for, so that stdout stays clean. */
export function printError(code: string, message: string, exitCode: number, json: boolean): void {
  const text = json ? JSON.stringify({ error: { code, message, exitCode } }) : `apns: ${message}`;
  process.stderr.write(`${text}\n`);
}

/** `apns … | head` closes our stdout. That is no error, and nobody is left to read what would follow. */
export function endQuietlyWithoutReader(): void {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit();
    throw error;
  });
}

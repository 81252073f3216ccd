/**
 * Reads single keys from a terminal, without Enter. Ctrl-C is a key then, and no signal.
 * @param onKey called with each character
 * @returns gives the terminal back
 */
export function readKeys(onKey: (key: string) => void): () => void {
  const { stdin } = process;
  const onData = (text: string): void => {
    for (const key of text) onKey(key);
  };
  stdin.setRawMode(true);
  stdin.setEncoding("utf8").on("data", onData).resume();
  // Also if a defect ends the process: the shell needs it as it was.
  const restore = (): void => void stdin.setRawMode(false);
  process.on("exit", restore);
  return () => {
    process.off("exit", restore);
    restore();
    stdin.off("data", onData).pause();
  };
}

import { describeError } from "./errors.js";
import { NothingLeftToDo } from "./make-command.js";
import { makeProgram } from "./program.js";
import { printError, watchOutput } from "./terminal/output.js";

/** Runs one command line. What goes wrong is printed, never thrown; the process's exit code says how it went. */
export async function run(args: readonly string[]): Promise<void> {
  watchOutput();
  const json = args.includes("--json");
  // Node itself would print the error with all of its fields and causes, in which a key may stand.
  process.once("uncaughtException", (error) => {
    const { code, message, exitCode } = describeError(error);
    printError(code, message, exitCode, json);
    process.exit(exitCode);
  });
  try {
    const program = await makeProgram((name) => args.includes(name));
    await program.parseAsync([...args], { from: "user" });
  } catch (error) {
    if (error instanceof NothingLeftToDo) {
      process.exitCode = error.exitCode;
      return;
    }
    const { code, message, exitCode } = describeError(error);
    printError(code, message, exitCode, json);
    process.exitCode = exitCode;
  }
}

/** Exit codes of the command. The README documents them; scripts rely on them. */
export const ExitCode = {
  ok: 0,
  /** APNs refused something, or would; or lines of a list are invalid. */
  rejected: 1,
  /** The command line, a payload, or a file that was named is wrong or cannot be used. */
  usage: 2,
  /** The server could not be reached or did not answer, or the credentials cannot be used or are refused. */
  unreachable: 3,
  /** Output could not be written: its reader has closed it, the disk is full. */
  output: 4,
  /** A defect of this program. */
  defect: 70,
  /** Ended by SIGHUP: the terminal was closed. */
  hungUp: 129,
  /** Ended by SIGINT: Ctrl-C. */
  interrupted: 130,
  /** Ended by SIGTERM. */
  terminated: 143,
} as const;

export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

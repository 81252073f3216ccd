/** Exit codes of the command. The README documents them; scripts rely on them. */
export const ExitCode = {
  ok: 0,
  /** APNs refused something, or would. */
  rejected: 1,
  /** The command line, a payload or a list of device tokens is wrong; nothing was done. */
  usage: 2,
  /** The server could not be reached or did not answer, or the credentials cannot be used or are refused. */
  unreachable: 3,
  /** A defect of this program. */
  defect: 70,
  /** Ended by Ctrl-C. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

/** Exit codes of `igla`; the help text of the program lists them. */
export const ExitCode = {
  ok: 0,
  /** The command could not do its work; stderr says why and what to do. */
  failed: 1,
  /** Wrong arguments, or a race file with errors. */
  usage: 2,
  /** `igla gate check`: the target is not reached, the results are not reproduced yet, or a person has to look at the results first. */
  notYet: 2,
  /** `igla gate check`: too few seeds are registered to decide anything. */
  underpowered: 3,
  /** `igla gate check`: the results do not count, or the test has failed. */
  rejected: 4,
  /** `igla gate check`: no row is about the question. */
  empty: 5,
  /** `igla gate`: a file cannot be read, or the arguments are wrong. */
  unreadable: 10,
  /** Ended by Ctrl-C before the result (128 + SIGINT). */
  interrupted: 130,
} as const;

export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

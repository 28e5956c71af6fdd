/** Exit codes of `igla`; the help text of the program lists them. */
export const ExitCode = {
  ok: 0,
  /** The command could not do its work; stderr says why and what to do. */
  failed: 1,
  /** Wrong arguments, or a race file with errors. */
  usage: 2,
  /** Ended by Ctrl-C before the result (128 + SIGINT). */
  interrupted: 130,
} as const;

export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

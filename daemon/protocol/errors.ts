/** Every failure that a user can meet: one table from code to what happened and what to do. */

interface ErrorText {
  /** What happened, without details. */
  readonly message: string;
  /** What the user can do about it. */
  readonly action: string;
}

export const errorTable = {
  "protocol.bad-params": {
    message: "The request's parameters do not match the protocol.",
    action: "Update the client; PROTOCOL.md describes every request.",
  },
  "protocol.version-mismatch": {
    message: "Client and daemon speak different major versions of the protocol.",
    action: "Run `igla daemon stop`, then start again with one version of Igla.",
  },
  "protocol.too-large": {
    message: "A message is larger than the protocol allows.",
    action: "Shorten the configuration, or ask for fewer points per page.",
  },
  "connection.refused": {
    message: "The daemon refused the connection.",
    action: "Connect through `.igla/daemon.json` of the same workspace; it holds the token.",
  },
  "connection.lost": {
    message: "The connection to the daemon was lost.",
    action: "Run `igla daemon status`; races continue when the daemon is started again.",
  },
  "daemon.not-running": {
    message: "No daemon runs in this workspace.",
    action: "Start one with `igla daemon start`.",
  },
  "daemon.already-running": {
    message: "Another daemon already serves this workspace.",
    action: "Use it, or stop it with `igla daemon stop`.",
  },
  "daemon.no-workspace": {
    message: "The workspace folder does not exist.",
    action: "Create the folder, or name another one with `--workspace`.",
  },
  "daemon.start-failed": {
    message: "The daemon did not start.",
    action: "Read the message above and the end of `.igla/daemon.log`.",
  },
  "daemon.node-too-old": {
    message: "This version of Node.js is too old for the daemon.",
    action: "Use a newer Node.js; `npm start` fetches a suitable one.",
  },
  "daemon.shutting-down": {
    message: "The daemon is shutting down.",
    action: "Wait a moment, then start it again with `igla daemon start`.",
  },
  "daemon.internal": {
    message: "The daemon met an unexpected error.",
    action: "Read the end of `.igla/daemon.log` and report it.",
  },
  "race.not-found": {
    message: "There is no such race in this workspace.",
    action: "List the races with `igla status`.",
  },
  "race.wrong-state": {
    message: "The race is not in a state that allows this.",
    action: "Look at its state with `igla status`.",
  },
  "race.bad-config": {
    message: "The race file is not valid.",
    action: "Correct the lines that the message names.",
  },
  "race.guarded": {
    message: "An invariant of this workspace forbids the race.",
    action: "Change the key that the message names; or, if the invariant is wrong, its entry in the assertion file.",
  },
  "race.unproven": {
    message: "The race file asks for proven invariants, and Coq does not confirm all of them.",
    action:
      'Run `igla invariants check DIR` with the folder of the proofs and mend them, or write require = "none" under [invariants].',
  },
  "race.bad-assertions": {
    message: "The assertion file that guards the race cannot be read.",
    action: "Mend the file; or name another one with `file` under [invariants] of the race file.",
  },
  "race.other-meaning": {
    message: "This version of Igla reads the race file differently from the version that began the race.",
    action: "Continue with the version that began it, or start a new race: the results would not be comparable.",
  },
  "experiment.unknown-lever": {
    message: "There is no such lever.",
    action: "Name one of the levers that the message lists.",
  },
  "experiment.lever-conflict": {
    message: "The lever cannot be switched on beside another one of the race file.",
    action: "Remove the other lever's section from the race file, then try again.",
  },
  "experiment.bad-design": {
    message: "The experiment cannot be planned like this.",
    action: "Change what the message names: seeds, steps, claim or levels.",
  },
  "experiment.corpus": {
    message: "The corpus of the race file cannot be used.",
    action: "Correct [data] corpus of the race file, or mend the text that the message names.",
  },
  "experiment.busy": {
    message: "Another experiment runs in this workspace.",
    action: "Wait until it has its verdict, or stop it.",
  },
  "experiment.not-found": {
    message: "There is no such experiment in this workspace.",
    action: "List the experiments with `igla status`.",
  },
  "experiment.trial-failed": {
    message: "A trial of the experiment could not be trained.",
    action: "Read what the message names; start the experiment again when it is mended.",
  },
  "experiment.registration": {
    message: "The registration of the experiment cannot be written.",
    action: "Make the folder assertions/prereg of the workspace writable, then try again.",
  },
  "experiment.ledger": {
    message: "The verdict cannot be written into the ledger.",
    action:
      "Run `igla ledger verify assertions/seed_results.jsonl` and mend what it names; the races are kept, start again.",
  },
  "trial.not-found": {
    message: "There is no such trial in this workspace.",
    action: "List the trials with `igla leaderboard`.",
  },
  "trial.wrong-state": {
    message: "The trial is not in a state that allows this.",
    action: "Look at its state with `igla status`.",
  },
  "checkpoint.missing": {
    message: "The trial has no checkpoint.",
    action: "Wait for its first rung. Trials that left the race keep none, to save disk space.",
  },
  "checkpoint.corrupt": {
    message: "A checkpoint file does not match its recorded hash.",
    action: "Nothing to do: the trial is trained again from its previous checkpoint. Check the disk.",
  },
  "corpus.changed": {
    message: "The corpus is not the one that the race began with.",
    action:
      "Put the original file back and resume, or start a new race: results on different texts cannot be compared.",
  },
  "trainer.gave-up": {
    message: "The trainer failed several times in a row without progress.",
    action: "Read the reason, correct it, then resume the race; finished work is kept.",
  },
  "trainer.start-failed": {
    message: "The trainer process could not be started.",
    action: "Run `igla doctor`, then resume the race.",
  },
  "trainer.crashed": {
    message: "The trainer process ended unexpectedly.",
    action: "Nothing to do: it is started again and continues from the last checkpoint.",
  },
  "trainer.silent": {
    message: "The trainer process reported nothing for too long.",
    action:
      "Nothing to do: it is started again and continues from the last checkpoint. If it recurs, run `igla doctor`.",
  },
  "trial.group-failed": {
    message: "The trainer could not run these trials.",
    action: "Read the reason; the other trials of the race continue.",
  },
  "store.newer-schema": {
    message: "The database was written by a newer version of Igla.",
    action: "Update Igla, or move the folder `.igla` away to start afresh.",
  },
  "store.older-schema": {
    message: "The database was written by an older version of Igla, and looking at it changes nothing.",
    action: "Run `igla daemon start` there once, as its owner: it updates the database, and unfinished races go on.",
  },
  "store.unreadable": {
    message: "This user may not read the workspace's database.",
    action: "Ask its owner for permission to read the folder `.igla` and the files in it.",
  },
  "store.corrupt": {
    message: "The database cannot be read.",
    action: "Restore `.igla/igla.db` from a backup, or move the folder `.igla` away to start afresh.",
  },
  "store.read-only": {
    message: "The workspace folder cannot be written.",
    action: "Give this user write permission to the folder, or use another workspace.",
  },
  "store.disk-full": {
    message: "The disk is full.",
    action: "Free some space, then start the daemon again; everything up to the last event is kept.",
  },
  "store.locked": {
    message: "Another program holds the database.",
    action: "Close the program that has `.igla/igla.db` open, then try again.",
  },
  "store.failed": {
    message: "The database or its folder reported an error.",
    action: "Read the message; everything up to the last event is kept.",
  },
} as const satisfies Record<string, ErrorText>;

export type ErrorCode = keyof typeof errorTable;

export function isErrorCode(code: unknown): code is ErrorCode {
  return typeof code === "string" && Object.hasOwn(errorTable, code);
}

/** A failure with a code of the table. `detail` says which race, file or number is meant. */
export class IglaError extends Error {
  readonly code: ErrorCode;
  readonly action: string;
  readonly detail: string;
  /** Machine-readable facts, for example the diagnostics of a race file. JSON values only. */
  readonly data: unknown;

  constructor(code: ErrorCode, detail = "", data: unknown = null, options?: ErrorOptions) {
    super(detail === "" ? errorTable[code].message : `${errorTable[code].message} ${detail}`, options);
    this.name = "IglaError";
    this.code = code;
    this.action = errorTable[code].action;
    this.detail = detail;
    this.data = data;
  }
}

/** What any failure looks like to a user: an `IglaError` as it is, anything else as `daemon.internal`. */
export function toIglaError(error: unknown): IglaError {
  if (error instanceof IglaError) return error;
  const detail = error instanceof Error ? error.message : String(error);
  return new IglaError("daemon.internal", detail, null, { cause: error });
}

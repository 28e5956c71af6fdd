/** Failures of checkpoint files that a user can act on. Everything else is a bug. */
export type CheckpointErrorCode =
  | "checkpoint.missing"
  | "checkpoint.hash-mismatch"
  | "checkpoint.malformed"
  | "checkpoint.other-format"
  | "checkpoint.unsupported-dtype"
  | "checkpoint.disk-full"
  | "checkpoint.read-only"
  | "checkpoint.io";

export class CheckpointError extends Error {
  readonly code: CheckpointErrorCode;
  /** The file or folder. */
  readonly place: string;
  readonly wayOut: string;

  constructor(code: CheckpointErrorCode, failure: { place: string; message: string; wayOut: string; cause?: unknown }) {
    super(failure.message, failure.cause === undefined ? undefined : { cause: failure.cause });
    this.name = "CheckpointError";
    this.code = code;
    this.place = failure.place;
    this.wayOut = failure.wayOut;
  }
}

/** Turns a failed file operation into a coded error. */
export function ioError(place: string, cause: unknown): CheckpointError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  const { code } = cause as NodeJS.ErrnoException;
  const failure = (text: string, wayOut: string) => ({ place, message: `${text}: ${reason}.`, wayOut, cause });
  switch (code) {
    case "ENOSPC":
    case "EDQUOT":
    case "EFBIG":
      return new CheckpointError(
        "checkpoint.disk-full",
        failure(`No room for ${place}`, "Free some disk space; the trial continues from its last checkpoint."),
      );
    case "EACCES":
    case "EPERM":
    case "EROFS":
      return new CheckpointError(
        "checkpoint.read-only",
        failure(`${place} cannot be written`, "Make the folder writable, or use a workspace in another place."),
      );
    case "ENOENT":
      return new CheckpointError(
        "checkpoint.missing",
        failure(`${place} does not exist`, "Restore the file, or start the trial again from step 0."),
      );
    default:
      return new CheckpointError(
        "checkpoint.io",
        failure(`${place} cannot be accessed`, "Check the folder and its permissions."),
      );
  }
}

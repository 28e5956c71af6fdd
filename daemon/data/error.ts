/** Failures of corpora, splits and the leak gate that a user can act on. Everything else is a bug. */
export type DataErrorCode =
  | "data.unknown-corpus"
  | "data.missing-corpus"
  | "data.not-a-file"
  | "data.unreadable"
  | "data.empty-corpus"
  | "data.hash-mismatch"
  | "data.unavailable"
  | "data.split-too-short"
  | "data.leak"
  | "data.bad-protocol"
  | "data.count-mismatch"
  | "corpus.changed";

export class DataError extends Error {
  readonly code: DataErrorCode;
  /** File, address or config key that the failure belongs to. */
  readonly place: string;
  /** What the user can do about it. */
  readonly wayOut: string;

  constructor(code: DataErrorCode, failure: { place: string; message: string; wayOut: string; cause?: unknown }) {
    super(failure.message, failure.cause === undefined ? undefined : { cause: failure.cause });
    this.name = "DataError";
    this.code = code;
    this.place = failure.place;
    this.wayOut = failure.wayOut;
  }
}

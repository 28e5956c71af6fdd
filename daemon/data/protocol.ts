/** Bookkeeping of a full-split evaluation: windows, the count of scored bytes, bits per byte (spec section 2). */
import { DataError } from "./error.ts";

export interface EvalProtocol {
  /** `chunked` or `strided:S`: stored with every number; numbers of different protocols are never compared. */
  readonly id: string;
  /** Target bytes scored per window, S; equals T for `chunked`. */
  readonly stride: number;
}

/**
 * Reads `chunked` or `strided:S` for a context of T bytes.
 * @throws {DataError} `data.bad-protocol`
 */
export function parseProtocol(text: string, context: number): EvalProtocol {
  if (text === "chunked") return { id: text, stride: context };
  const match = /^strided:([1-9]\d*)$/.exec(text);
  const stride = Number(match?.[1]);
  if (!Number.isSafeInteger(stride)) {
    throw new DataError("data.bad-protocol", {
      place: "[data] protocol",
      message: `"${text}" is not an evaluation protocol.`,
      wayOut: 'Write "chunked", or "strided:S" with a whole number S of at least 1.',
    });
  }
  if (stride > context) {
    throw new DataError("data.bad-protocol", {
      place: "[data] protocol",
      message: `"${text}" scores ${stride} bytes per window, more than the context length of ${context}.`,
      wayOut: `Choose S between 1 and ${context}.`,
    });
  }
  return { id: text, stride };
}

/** Windows that score each of `bytes` targets exactly once: window w scores w*S .. w*S+S. */
export function windowCount(bytes: number, stride: number): number {
  return Math.ceil(bytes / stride);
}

/** Batches of B windows; the last one may be partly filled. */
export function batchCount(bytes: number, stride: number, batch: number): number {
  return Math.ceil(windowCount(bytes, stride) / batch);
}

/** Bits per byte: `nllNats` is the sum of -ln p over `bytes` targets. Never per token. */
export function bitsPerByte(nllNats: number, bytes: number): number {
  return nllNats / (Math.LN2 * bytes);
}

/**
 * Every byte of the split was scored exactly once.
 * @throws {DataError} `data.count-mismatch`
 */
export function assertScoredOnce(scored: number, splitBytes: number, protocol: EvalProtocol): void {
  if (scored === splitBytes) return;
  throw new DataError("data.count-mismatch", {
    place: `evaluation "${protocol.id}"`,
    message: `The evaluation scored ${scored} bytes of a split of ${splitBytes}.`,
    wayOut: "The result was thrown away. This is a defect of Igla: please report it with the race file.",
  });
}

/** What training leaves behind and measures, as the layers below and above the trainer name it. */

export interface CheckpointRef {
  /** File name inside the checkpoint folder; the name contains the content hash. */
  readonly file: string;
  readonly sha256: string;
  /** Completed training steps. */
  readonly step: number;
  readonly bytes: number;
}

export interface EvalResult {
  readonly valBpb: number;
  readonly nllNats: number;
  readonly bytes: number;
  /** `chunked` or `strided:S`. */
  readonly protocol: string;
}

export interface CorpusTag {
  readonly name: string;
  readonly sha256: string;
  readonly bytes: number;
  readonly tag: "ascii" | "multilingual";
  /** Where it came from: "config path", "IGLA_DATA", "cache", "download", "offline stand-in". */
  readonly origin: string;
}

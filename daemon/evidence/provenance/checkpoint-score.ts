/**
 * How much a checkpoint says about itself, 0 to 100: could somebody else check it, rebuild it and use it lawfully?
 * Points of SPEC 11; where it names several facts, they share the points of their part.
 */

export interface CheckpointFacts {
  /** Published beside the file, hex; null: none. */
  readonly publishedSha256: string | null;
  /** Of the bytes as found, hex. */
  readonly foundSha256: string;
  /** What is wrong with the file's format; empty: nothing. */
  readonly structureFaults: readonly string[];
  readonly tensorCount: number;
  /** `__metadata__` of the safetensors header. */
  readonly metadata: Readonly<Record<string, string>>;
}

export type ScorePart = "checksum" | "structure" | "provenance" | "identity" | "tokenizer";

export interface PartScore {
  readonly part: ScorePart;
  readonly points: number;
  readonly outOf: number;
  /** What is missing for the rest, in words. */
  readonly missing: readonly string[];
}

export interface CheckpointScore {
  /** 0 to 100. */
  readonly score: number;
  readonly isShipReady: boolean;
  readonly parts: readonly PartScore[];
}

const shipReadyFrom = 90;

interface Criterion {
  readonly outOf: number;
  /** Null: fulfilled. */
  readonly missing: (facts: CheckpointFacts) => string | null;
}

const isWord = (value: string) => !/^\s*(|unknown|none|null|n\/?a|tbd|todo|-+|\?+)\s*$/i.test(value);
const isSha256 = (value: string) => /^[0-9a-f]{64}$/i.test(value);
const isVersion = (value: string) => /^[0-9a-f]{7,64}$/i.test(value);
const isCount = (value: string) => /^\d{1,15}$/.test(value);

/** A field of the metadata that is there and well formed. */
function field(outOf: number, key: string, isGood: (value: string) => boolean): Criterion {
  const missing = ({ metadata }: CheckpointFacts) => {
    const value = Object.hasOwn(metadata, key) ? metadata[key] : undefined;
    if (value === undefined) return `The metadata has no "${key}".`;
    return isGood(value) ? null : `The metadata's "${key}" says nothing usable: "${value.slice(0, 80)}".`;
  };
  return { outOf, missing };
}

const criteria: readonly (readonly [ScorePart, readonly Criterion[]])[] = [
  ["checksum", [{ outOf: 20, missing: checksumFault }]],
  ["structure", [{ outOf: 20, missing: structureFault }]],
  ["provenance", [field(9, "licence", isWord), field(8, "data_source", isWord), field(8, "data_licence", isWord)]],
  [
    "identity",
    [
      field(4, "arch", isObject),
      field(4, "config_hash", isSha256),
      field(4, "corpus_sha256", isSha256),
      field(4, "code_version", isVersion),
      field(4, "step", isCount),
    ],
  ],
  ["tokenizer", [field(8, "tokenizer", isWord), { outOf: 7, missing: tokenizerFault }]],
];

export function scoreCheckpoint(facts: CheckpointFacts): CheckpointScore {
  const parts = criteria.map(([part, list]): PartScore => {
    const judged = list.map(({ outOf, missing }) => ({ outOf, fault: missing(facts) }));
    const total = (some: readonly { readonly outOf: number }[]) => some.reduce((sum, { outOf }) => sum + outOf, 0);
    return {
      part,
      points: total(judged.filter(({ fault }) => fault === null)),
      outOf: total(judged),
      missing: judged.flatMap(({ fault }) => fault ?? []),
    };
  });
  const score = parts.reduce((sum, { points }) => sum + points, 0);
  return { score, isShipReady: score >= shipReadyFrom, parts };
}

function checksumFault({ publishedSha256, foundSha256 }: CheckpointFacts): string | null {
  if (publishedSha256 === null) return "No SHA-256 was published beside the file.";
  const [wanted, found] = [publishedSha256.toLowerCase(), foundSha256.toLowerCase()];
  if (!isSha256(wanted)) return `The published "${wanted.slice(0, 80)}" is no SHA-256.`;
  return wanted === found
    ? null
    : `The file has the SHA-256 ${found.slice(0, 12)}; ${wanted.slice(0, 12)} was published.`;
}

function structureFault({ structureFaults, tensorCount }: CheckpointFacts): string | null {
  if (structureFaults.length > 0) return structureFaults.join(" ");
  return tensorCount > 0 ? null : "The file holds no tensor.";
}

/** Bytes need no vocabulary file; every other tokenizer is known by the hash of its own. */
function tokenizerFault(facts: CheckpointFacts): string | null {
  if (facts.metadata.tokenizer === "bytes") return null;
  return field(7, "tokenizer_sha256", isSha256).missing(facts);
}

function isObject(value: string): boolean {
  try {
    const parsed: unknown = JSON.parse(value);
    return typeof parsed === "object" && parsed !== null && !Array.isArray(parsed);
  } catch {
    // Prose such as "a small transformer" cannot be built again.
    return false;
  }
}

/** The parameters of a model in order of declaration, and their first values. Matrices are [fanIn, fanOut]. */
import { fillNormal } from "../../daemon/engine/random/philox.ts";
import type { Settings } from "./settings.ts";
import { Matrix } from "./tape.ts";

export const VOCAB = 256;

export interface Weight {
  readonly name: string;
  /** As the product stores it: gains are vectors. */
  readonly shape: readonly number[];
  readonly role: "embedding" | "matrix" | "head" | "gain";
  readonly values: Matrix;
}

export type Weights = ReadonlyMap<string, Weight>;

type First = { readonly std: number } | { readonly constant: number };

/** FNV-1a, 32 bits. */
function siteOf(name: string): number {
  const fnv1a = (hash: bigint, unit: number) => ((hash ^ BigInt(unit)) * 16777619n) % 2n ** 32n;
  return Number(Array.from(name, (letter) => letter.charCodeAt(0)).reduce(fnv1a, 2166136261n));
}

/** Each parameter draws from the site that its name chooses; numbers are stored as f32. */
export function initialWeights(s: Settings): Weights {
  const weights = new Map<string, Weight>();
  const declare = (name: string, shape: readonly number[], role: Weight["role"], first: First): void => {
    const [rows, cols] = shape.length === 1 ? [1, shape[0] as number] : (shape as [number, number]);
    const values = new Float32Array(rows * cols);
    if ("std" in first) fillNormal(values, first.std, s.seed, siteOf(name));
    else values.fill(first.constant);
    weights.set(name, { name, shape, role, values: new Matrix(rows, cols, values) });
  };
  const matrix = (name: string, fanIn: number, fanOut: number): void =>
    declare(name, [fanIn, fanOut], "matrix", { std: 1 / Math.sqrt(fanIn) });
  /** What a branch adds to the residual stream: smaller with depth. */
  const output = (name: string, fanIn: number): void =>
    declare(name, [fanIn, s.width], "matrix", { std: 1 / Math.sqrt(fanIn) / Math.sqrt(2 * s.layers) });
  const gain = (name: string): void => {
    if (s.normGain) declare(`${name}.gain`, [s.width], "gain", { constant: 1 });
  };

  declare("embedding", [VOCAB, s.width], "embedding", { std: 0.5 });
  for (let layer = 0; layer < s.layers; layer++) {
    const [attention, mlp] = [`layer${layer}.attention`, `layer${layer}.mlp`];
    gain(attention);
    matrix(`${attention}.q`, s.width, s.heads * s.headDim);
    matrix(`${attention}.k`, s.width, s.kvHeads * s.headDim);
    matrix(`${attention}.v`, s.width, s.kvHeads * s.headDim);
    if (s.qkGain !== null) declare(`${attention}.qk_gain`, [s.heads], "gain", { constant: s.qkGain });
    output(`${attention}.out`, s.heads * s.headDim);
    gain(mlp);
    if (s.activation === "swiglu") matrix(`${mlp}.gate`, s.width, s.hidden);
    matrix(`${mlp}.in`, s.width, s.hidden);
    output(`${mlp}.out`, s.hidden);
  }
  gain("final");
  if (!s.tiedHead) declare("head", [s.width, VOCAB], "head", { std: 0.02 });
  return weights;
}

/** Tensors of a graph. The lane dimension P is not in the shape: every tensor has it implicitly. */
import type { DType } from "../kernel.ts";

/** Persistent per-lane storage that survives a section: one buffer each, tensors lie at fixed offsets. */
export type Arena = "param" | "grad" | "m" | "v" | "ema";

export type Storage =
  /** Lives between its first write and its last use within one section; the planner finds a place. */
  | { readonly kind: "activation" }
  /** At a fixed offset of an arena, in elements. */
  | { readonly kind: "arena"; readonly arena: Arena; readonly offset: number }
  /** A named buffer of its own, kept between sections; the host may read and write it. */
  | { readonly kind: "named"; readonly shared: boolean };

export interface Tensor {
  readonly id: number;
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: DType;
  readonly storage: Storage;
  /** Does a gradient flow to it (parameters and what is computed from them)? */
  readonly needsGrad: boolean;
}

export const sizeOf = (shape: readonly number[]): number => shape.reduce((product, n) => product * n, 1);
export const rowsOf = (tensor: Tensor): number => sizeOf(tensor.shape.slice(0, -1));
export const widthOf = (tensor: Tensor): number => tensor.shape.at(-1) ?? 1;

/** A kernel call on tensors; the planner turns tensors into views. */
export interface TensorCall {
  readonly kernel: string;
  readonly buffers: Readonly<Record<string, Tensor>>;
  readonly params: Readonly<Record<string, number>>;
}

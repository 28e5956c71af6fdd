/**
 * What a kernel is: the contract that every backend implements and every test walks.
 *
 * A kernel has one name in three places: its definition here with a plain f64 reference, its WGSL in
 * `shaders/<family>/`, and its WebAssembly in `cpu/wasm/`. The definition describes ONE lane; a backend runs
 * it for lanes 0..n-1 with a per-lane stride on every buffer (stride 0 for buffers shared by all lanes).
 *
 * Shape letters: B batch, T time, R = B*T rows, D width, H heads, V vocabulary, P lanes.
 */

export type DType = "f32" | "u32";
export type Access = "read" | "write" | "readwrite";

/** Any numeric array: Float32Array/Uint32Array on a backend, Float64Array in the reference. */
export interface NumericArray {
  readonly length: number;
  [index: number]: number;
}

export interface BufferDef {
  readonly access: Access;
  readonly dtype: DType;
}

/** Kernel parameters are plain numbers. They are compile-time constants of a call, never per-lane values. */
export type Params = Readonly<Record<string, number>>;

export interface KernelDef<B extends string = string, P extends string = string> {
  readonly name: string;
  readonly family: string;
  /** Buffers in binding order. */
  readonly buffers: Readonly<Record<B, BufferDef>>;
  /** Parameter names in the order in which backends pass them. */
  readonly params: readonly P[];
  /** Elements of each buffer for one lane. Checked against the buffer when a program is compiled. */
  readonly size: (p: Readonly<Record<P, number>>) => Record<B, number>;
  /** Plain f64 reference for one lane. `b[name].length >= size(p)[name]`. */
  readonly reference: (b: Readonly<Record<B, NumericArray>>, p: Readonly<Record<P, number>>) => void;
  /** Parameter sets that tests must cover besides random ones: 1, primes, not a multiple of a tile. */
  readonly samples: readonly Readonly<Record<P, number>>[];
  /** Fills a buffer for a test where arbitrary normal floats would be meaningless (tokens, probabilities). */
  readonly fill?: Partial<Record<NoInfer<B>, (index: number, uniform: () => number, p: Params) => number>>;
}

/** Identity with inference: keeps buffer and parameter names as literal types. */
export function defineKernel<B extends string, P extends string>(def: KernelDef<B, P>): KernelDef<B, P> {
  return def;
}

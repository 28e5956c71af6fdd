/**
 * A program: buffers and named sections, each section a straight list of kernel calls.
 * Built once per configuration by the planner, compiled by a backend for up to P lanes.
 */
import type { DType, Params } from "./kernel.ts";

export interface BufferSpec {
  readonly name: string;
  readonly dtype: DType;
  /** Elements per lane (or in total when shared). */
  readonly length: number;
  /** Shared by all lanes: lane stride 0, never written by a kernel. */
  readonly shared: boolean;
}

/** A range of a buffer, in elements from the start of a lane. */
export interface View {
  readonly buffer: number;
  readonly offset: number;
}

export interface KernelCall {
  readonly kernel: string;
  readonly buffers: Readonly<Record<string, View>>;
  readonly params: Params;
}

export interface Program {
  readonly buffers: readonly BufferSpec[];
  readonly sections: Readonly<Record<string, readonly KernelCall[]>>;
}

export type HostArray = Float32Array | Uint32Array;

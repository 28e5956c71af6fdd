/** A pass: one compute dispatch of a kernel call. Plans turn a call's parameters into one or several passes. */

import callWgsl from "../../../shaders/common/call.wgsl";
import groupSubgroup from "../../../shaders/common/group_subgroup.wgsl";
import groupWorkgroup from "../../../shaders/common/group_workgroup.wgsl";
import type { Params } from "../kernel.ts";
import type { KernelCall } from "../program.ts";
import type { MatmulTile } from "./matmul.ts";

/** What of a device shapes the passes. Constant for a device, so that results cannot depend on it changing. */
export interface DeviceProfile {
  /** How workgroups add up: by one fixed-size subgroup, or as a tree in workgroup memory. */
  readonly reduce: "subgroup" | "workgroup";
  /** Threads of a workgroup that works together on a row; the subgroup size when `reduce` is "subgroup". */
  readonly group: number;
  /** Rows a workgroup takes one after the other: more where starting a workgroup is expensive. */
  readonly rowsPerGroup: number;
  /** Lanes of one subgroup when the device has one fixed size, else 0. */
  readonly subgroup: number;
  /** How data that all threads need reaches them in matmul and attention. */
  readonly sharing: "broadcast" | "workgroup";
  /** Whether constant loop bounds pay: GPU compilers unroll quickly, a rasteriser's takes seconds. */
  readonly unroll: boolean;
}

export interface PlanContext {
  readonly profile: DeviceProfile;
  /** Tile chosen for a matmul call. */
  readonly tile: (params: Params, call: KernelCall) => MatmulTile;
}

/** Name of the executable's scratch buffer in `Pass.buffers`; its contents live until the call's last pass. */
export const SCRATCH = "scratch";

export interface Pass {
  /** Label and, with the constants, the key of the pipeline cache. */
  readonly shader: string;
  readonly code: string;
  /** Kernel buffer names (or SCRATCH) of bindings 1, 2, ... */
  readonly buffers: readonly string[];
  readonly constants: Readonly<Record<string, number>>;
  /** The words after the views in the call's uniform block: `float` for f32 fields, plain integers for u32. */
  readonly words: readonly number[];
  /** Workgroups per lane in x and y; z is the lane. */
  readonly grid: readonly [number, number];
  /** Rough operation count of one lane, for splitting work into submissions. */
  readonly work: number;
  /** Elements of scratch per lane. */
  readonly scratch: number;
}

export type Plan = (params: Params, context: PlanContext, call: KernelCall) => readonly Pass[];

/** WebGPU's default limit on workgroups per dimension. */
const MAX_GRID = 65535;
/** Elements of one workgroup in an element-by-element kernel: CHUNK in shaders/common/elements.wgsl. */
const ELEMENTS = 512;
/** Columns of one workgroup: COLUMNS in shaders/common/columns.wgsl. */
const COLUMNS = 32;

export function spread(count: number): readonly [number, number] {
  return count <= MAX_GRID ? [Math.max(1, count), 1] : [MAX_GRID, Math.ceil(count / MAX_GRID)];
}

export const elementGrid = (n: number): readonly [number, number] => spread(Math.ceil(n / ELEMENTS));
export const columnGrid = (width: number, chunks = 1): readonly [number, number] =>
  spread(Math.ceil(width / COLUMNS) * chunks);
export const rowGrid = (rows: number, profile: DeviceProfile): readonly [number, number] =>
  spread(Math.ceil(rows / profile.rowsPerGroup));

const bits = new DataView(new ArrayBuffer(4));
/** Bit pattern of an f32 as the u32 that goes into the uniform block. */
export function float(value: number): number {
  bits.setFloat32(0, value);
  return bits.getUint32(0);
}

/** A parameter by name. Programs are validated before they are planned, so a missing one is a bug. */
export function get(params: Params, name: string): number {
  const value = params[name];
  if (value === undefined) throw new Error(`Kernel parameter ${name} is missing.`);
  return value;
}

export const groupSource = (profile: DeviceProfile): string =>
  profile.reduce === "subgroup" ? groupSubgroup : groupWorkgroup;

interface PassOptions {
  readonly shader: string;
  /** WGSL texts in order; `common/call.wgsl` is added. Directives must come first. */
  readonly code: readonly string[];
  readonly buffers: readonly string[];
  readonly words?: readonly number[];
  readonly constants?: Readonly<Record<string, number>>;
  readonly grid: readonly [number, number];
  readonly work?: number;
  readonly scratch?: number;
}

export function pass(options: PassOptions): Pass {
  const [x, y] = options.grid;
  return {
    shader: options.shader,
    code: [...options.code, callWgsl].join("\n"),
    buffers: options.buffers,
    words: options.words ?? [],
    constants: options.constants ?? {},
    grid: options.grid,
    work: options.work ?? x * y * ELEMENTS * 8,
    scratch: options.scratch ?? 0,
  };
}

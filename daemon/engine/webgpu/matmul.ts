/**
 * Matmul passes: a family of tiles behind one binding layout. Every tile adds the products of an output in the
 * order k = 0, 1, ... with fma, starting from 0, and adds the old value last. All tiles therefore give the same
 * bits, and the choice between them, which may differ from run to run, is a matter of speed alone.
 */
import elements from "../../../shaders/common/elements.wgsl";
import small from "../../../shaders/matmul/small.wgsl";
import type { Params } from "../kernel.ts";
import { type SubgroupTile, subgroupMatmul, THREAD_COLUMNS } from "./matmul-subgroup.ts";
import { type WorkgroupTile, workgroupMatmul } from "./matmul-workgroup.ts";
import { type DeviceProfile, get, type Pass, type Plan, pass, spread } from "./pass.ts";

export interface SmallTile {
  readonly kind: "small";
}
export type MatmulTile = SmallTile | SubgroupTile | WorkgroupTile;

export const SMALL: SmallTile = { kind: "small" };
/** On hardware: many small workgroups for small outputs, more arithmetic per load for large ones. */
const WORKGROUP_TILES: readonly WorkgroupTile[] = [
  { kind: "workgroup", threads: 8, per: 4 },
  { kind: "workgroup", threads: 16, per: 4 },
  { kind: "workgroup", threads: 8, per: 8 },
];
/** Below this side a tile would be mostly empty. */
const MIN_SIDE = 8;
/** Rows of a subgroup tile. On lavapipe 32 rows were 20-40 % faster than 16; 64 rows were slower (registers). */
const SUBGROUP_ROWS = 32;

/** Name of a tile, for labels and the autotune cache. */
export const tileName = (tile: MatmulTile): string => {
  if (tile.kind === "subgroup") return `subgroup ${tile.rows}x${tile.subgroup}${tile.vec ? " vec4" : ""}`;
  return tile.kind === "workgroup" ? `workgroup ${tile.threads}x${tile.per}` : tile.kind;
};

/**
 * Tiles worth trying for a shape, never none. A rasteriser on the CPU has one candidate: its compiler is slow and
 * the subgroup tile wins clearly; GPUs are measured.
 */
export function tilesFor(p: Params, profile: DeviceProfile, aligned: boolean): readonly MatmulTile[] {
  const sides = [get(p, "m"), get(p, "n"), get(p, "k")];
  if (Math.min(get(p, "m"), get(p, "n")) < MIN_SIDE) return [SMALL];
  if (profile.sharing === "workgroup") return WORKGROUP_TILES;
  const vec = aligned && sides.every((side) => side % 4 === 0);
  const rows = Math.max(SUBGROUP_ROWS, profile.subgroup);
  return [{ kind: "subgroup", rows, subgroup: profile.subgroup, vec }];
}

export function matmulPass(p: Params, tile: MatmulTile): Pass {
  const [m, n, k] = [get(p, "m"), get(p, "n"), get(p, "k")];
  const variant = get(p, "variant");
  const common = {
    shader: `matmul/${tileName(tile)} ${["NN", "NT", "TN"][variant]}`,
    buffers: ["a", "b", "c"],
    words: [m, n, k, get(p, "accumulate")],
    work: 2 * m * n * k,
  };
  if (tile.kind === "small") {
    const grid = spread(Math.ceil((m * n) / 64));
    return pass({ ...common, code: [elements, small], constants: { VARIANT: variant }, grid });
  }
  const [code, tileRows, tileColumns] =
    tile.kind === "subgroup"
      ? [subgroupMatmul(tile, variant), tile.rows, tile.subgroup * THREAD_COLUMNS]
      : [workgroupMatmul(tile, variant), tile.threads * tile.per, tile.threads * tile.per];
  return pass({ ...common, code: [code], grid: [Math.ceil(n / tileColumns), Math.ceil(m / tileRows)] });
}

const matmulPlan: Plan = (p, { tile }, call) => [matmulPass(p, tile(p, call))];

export const matmulPlans: Readonly<Record<string, Plan>> = { matmul: matmulPlan };

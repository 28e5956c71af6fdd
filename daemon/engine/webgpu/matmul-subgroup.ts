/**
 * WGSL of the subgroup-broadcast matmul tile. A workgroup is one subgroup; thread l holds four neighbouring
 * columns of every row of the tile in named accumulators. One load per thread brings A for `subgroup` rows, and
 * each row's value reaches all threads by a broadcast from a fixed lane, so no workgroup memory is touched.
 * That is what a CPU rasteriser wants: it runs a subgroup as one SIMD vector, where a broadcast is a shuffle,
 * and every load with differing addresses is a slow gather. The broadcast is written as a shuffle from a constant
 * lane: the same thing, without the range check that Dawn adds to subgroupBroadcast (5-10 % of the time).
 */
import { MatmulVariant } from "../kernels/matmul.ts";

export interface SubgroupTile {
  readonly kind: "subgroup";
  /** Rows of the tile; a multiple of the subgroup size. */
  readonly rows: number;
  readonly subgroup: number;
  /** Four-element loads; m, n, k and all offsets must then be multiples of 4. */
  readonly vec: boolean;
}

const XYZW = "xyzw";
/** Columns per thread. */
export const THREAD_COLUMNS = 4;

const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

export function subgroupMatmul(tile: SubgroupTile, variant: number): string {
  return [header(tile, variant), ...(tile.vec ? vecBody(tile, variant) : scalarBody(tile, variant)), "}"].join("\n");
}

function header({ subgroup, vec }: SubgroupTile, variant: number): string {
  const wide = vec ? "vec4<f32>" : "f32";
  // A's rows are columns in TN: thread l reads one element each.
  const a = variant === MatmulVariant.TN ? "f32" : wide;
  return `enable subgroups;
struct Call { a: vec2<u32>, b: vec2<u32>, c: vec2<u32>, m: u32, n: u32, k: u32, accumulate: u32 }
@group(0) @binding(0) var<uniform> call: Call;
@group(0) @binding(1) var<storage, read> a: array<${a}>;
@group(0) @binding(2) var<storage, read> b: array<${wide}>;
@group(0) @binding(3) var<storage, read_write> c: array<${wide}>;

@compute @workgroup_size(${subgroup})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) l: u32) {`;
}

/** Addresses of the A elements that thread l brings in, one per block of `subgroup` rows. */
function rowStarts({ rows, subgroup }: SubgroupTile, variant: number, width: string): string[] {
  return range(rows / subgroup).map((g) => {
    const row = `min(m0 + ${g * subgroup}u + l, call.m - 1u)`;
    return variant === MatmulVariant.TN ? `var a_at${g} = as0 + ${row};` : `var a_at${g} = as0 + ${row} * ${width};`;
  });
}

/**
 * Moves the accumulators into an array, for a store loop of unknown length: unrolled stores would take a
 * rasteriser's compiler longer than the arithmetic.
 */
const stage = (count: number, type: string, name: (i: number) => string): string[] => [
  `var sums: array<${type}, ${count}>;`,
  ...range(count).map((i) => `sums[${i}] = ${name(i)};`),
];

function vecBody(tile: SubgroupTile, variant: number): string[] {
  const { rows, subgroup } = tile;
  const blocks = range(rows / subgroup);
  const transposedA = variant === MatmulVariant.TN;
  const loadsA = transposedA
    ? blocks.flatMap((g) => range(4).map((u) => `let a${g}_${u} = a[a_at${g} + ${u}u * call.m];`))
    : blocks.map((g) => `let a${g} = a[a_at${g}];`);
  const valueA = (g: number, u: number): string => (transposedA ? `a${g}_${u}` : `a${g}.${XYZW[u]}`);
  const loadsB =
    variant === MatmulVariant.NT
      ? [
          ...range(4).map((j) => `let t${j} = b[b_at + ${j}u * k4];`),
          ...range(4).map((u) => `let b${u} = vec4<f32>(${range(4).map((j) => `t${j}.${XYZW[u]}`)});`),
        ]
      : range(4).map((u) => `let b${u} = b[b_at + ${u}u * n4];`);
  const products = range(rows).flatMap((r) =>
    range(4).map((u) => {
      const value = `subgroupShuffle(${valueA(Math.floor(r / subgroup), u)}, ${r % subgroup}u)`;
      return `c${r} = fma(vec4<f32>(${value}), b${u}, c${r});`;
    }),
  );
  return [
    "let n4 = call.n / 4u;",
    "let k4 = call.k / 4u;",
    `let m0 = group.y * ${rows}u;`,
    `let q = group.x * ${subgroup}u + l;`,
    "let quad = min(q, n4 - 1u);",
    `let as0 = lane_base(call.a, group)${transposedA ? "" : " / 4u"};`,
    ...rowStarts(tile, variant, "k4"),
    `var b_at = lane_base(call.b, group) / 4u + quad${variant === MatmulVariant.NT ? " * 4u * k4" : ""};`,
    ...range(rows).map((r) => `var c${r} = vec4<f32>();`),
    "for (var k = 0u; k < k4; k++) {",
    ...loadsA,
    ...loadsB,
    ...products,
    ...blocks.map((g) => `a_at${g} += ${transposedA ? "4u * call.m" : "1u"};`),
    `b_at += ${variant === MatmulVariant.NT ? "1u" : "4u * n4"};`,
    "}",
    "if (q >= n4) { return; }",
    "let c_at = lane_base(call.c, group) / 4u + m0 * n4 + q;",
    ...stage(rows, "vec4<f32>", (r) => `c${r}`),
    `for (var r = 0u; r < min(${rows}u, call.m - m0); r++) {`,
    "let at = c_at + r * n4;",
    "c[at] = select(sums[r], c[at] + sums[r], call.accumulate != 0u);",
    "}",
  ];
}

/** For widths that are no multiple of 4: the same tile, one k at a time. */
function scalarBody(tile: SubgroupTile, variant: number): string[] {
  const { rows, subgroup } = tile;
  const blocks = range(rows / subgroup);
  const columns = range(THREAD_COLUMNS);
  const transposedB = variant === MatmulVariant.NT;
  return [
    `let m0 = group.y * ${rows}u;`,
    `let n0 = group.x * ${subgroup * THREAD_COLUMNS}u + l;`,
    "let as0 = lane_base(call.a, group);",
    "let bs0 = lane_base(call.b, group);",
    ...rowStarts(tile, variant, "call.k"),
    ...columns.map((j) => {
      const column = `min(n0 + ${j * subgroup}u, call.n - 1u)`;
      return `var b_at${j} = bs0 + ${column}${transposedB ? " * call.k" : ""};`;
    }),
    ...range(rows).flatMap((r) => columns.map((j) => `var c${r}_${j} = 0.0;`)),
    "for (var k = 0u; k < call.k; k++) {",
    ...blocks.map((g) => `let a${g} = a[a_at${g}];`),
    ...columns.map((j) => `let b${j} = b[b_at${j}];`),
    ...range(rows).flatMap((r) => [
      `let s${r} = subgroupShuffle(a${Math.floor(r / subgroup)}, ${r % subgroup}u);`,
      ...columns.map((j) => `c${r}_${j} = fma(s${r}, b${j}, c${r}_${j});`),
    ]),
    ...blocks.map((g) => `a_at${g} += ${variant === MatmulVariant.TN ? "call.m" : "1u"};`),
    ...columns.map((j) => `b_at${j} += ${transposedB ? "1u" : "call.n"};`),
    "}",
    "let c_at = lane_base(call.c, group) + m0 * call.n + n0;",
    ...stage(rows * THREAD_COLUMNS, "f32", (e) => `c${Math.floor(e / THREAD_COLUMNS)}_${e % THREAD_COLUMNS}`),
    `for (var r = 0u; r < min(${rows}u, call.m - m0); r++) {`,
    `for (var j = 0u; j < ${THREAD_COLUMNS}u; j++) {`,
    `if (n0 + j * ${subgroup}u < call.n) {`,
    `let at = c_at + r * call.n + j * ${subgroup}u;`,
    `let sum = sums[r * ${THREAD_COLUMNS}u + j];`,
    "c[at] = select(sum, c[at] + sum, call.accumulate != 0u);",
    "}",
    "}",
    "}",
  ];
}

/**
 * WGSL of the workgroup-memory matmul tile, the standard design on GPUs: a workgroup copies a slab of A and of B
 * into workgroup memory, then each thread adds outer products into named accumulators. Copies follow the
 * contiguous dimension of each operand, so NN, NT and TN differ in two index expressions only. Any shape fits:
 * what lies outside is read as 0, and fma(0, 0, sum) is sum.
 */
import { MatmulVariant } from "../kernels/matmul.ts";

export interface WorkgroupTile {
  readonly kind: "workgroup";
  /** Threads per side; the workgroup has threads^2. */
  readonly threads: number;
  /** Rows and columns of one thread. */
  readonly per: number;
}

/** k steps per slab. */
const SLAB = 16;

const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

/** Copies one slab: `tile` outer elements (rows of A or columns of B) by SLAB steps of k. */
function copySlab(name: "a" | "b", tile: number, threads: number, outerContiguous: boolean): string {
  const outer = name === "a" ? "m" : "n";
  const [o, k] = outerContiguous ? [`e % ${tile}u`, `e / ${tile}u`] : [`e / ${SLAB}u`, `e % ${SLAB}u`];
  const index = outerContiguous ? `(k0 + ks) * call.${outer} + ${outer}0 + o` : `(${outer}0 + o) * call.k + k0 + ks`;
  return `    for (var e = local; e < ${tile * SLAB}u; e += ${threads * threads}u) {
      let o = ${o};
      let ks = ${k};
      var value = 0.0;
      if (${outer}0 + o < call.${outer} && k0 + ks < call.k) {
        value = ${name}[${name}_base + ${index}];
      }
      ${name}_slab[ks * ${tile + 1}u + o] = value;
    }`;
}

export function workgroupMatmul({ threads, per }: WorkgroupTile, variant: number): string {
  const tile = threads * per;
  const side = range(per);
  const sums = side.flatMap((i) => side.map((j) => [i, j] as const));
  return `struct Call { a: vec2<u32>, b: vec2<u32>, c: vec2<u32>, m: u32, n: u32, k: u32, accumulate: u32 }
@group(0) @binding(0) var<uniform> call: Call;
@group(0) @binding(1) var<storage, read> a: array<f32>;
@group(0) @binding(2) var<storage, read> b: array<f32>;
@group(0) @binding(3) var<storage, read_write> c: array<f32>;
// One element of padding per step of k keeps neighbouring threads in different banks.
var<workgroup> a_slab: array<f32, ${SLAB * (tile + 1)}>;
var<workgroup> b_slab: array<f32, ${SLAB * (tile + 1)}>;

@compute @workgroup_size(${threads}, ${threads})
fn main(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(local_invocation_id) thread: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let m0 = group.y * ${tile}u;
  let n0 = group.x * ${tile}u;
  let a_base = lane_base(call.a, group);
  let b_base = lane_base(call.b, group);
${sums.map(([i, j]) => `  var c${i}_${j} = 0.0;`).join("\n")}
  for (var k0 = 0u; k0 < call.k; k0 += ${SLAB}u) {
${copySlab("a", tile, threads, variant === MatmulVariant.TN)}
${copySlab("b", tile, threads, variant !== MatmulVariant.NT)}
    workgroupBarrier();
    for (var ks = 0u; ks < ${SLAB}u; ks++) {
      let row = ks * ${tile + 1}u;
${side.map((i) => `      let a${i} = a_slab[row + thread.y + ${i * threads}u];`).join("\n")}
${side.map((j) => `      let b${j} = b_slab[row + thread.x + ${j * threads}u];`).join("\n")}
${sums.map(([i, j]) => `      c${i}_${j} = fma(a${i}, b${j}, c${i}_${j});`).join("\n")}
    }
    workgroupBarrier();
  }
  let m1 = m0 + thread.y;
  let n1 = n0 + thread.x;
  let c_at = lane_base(call.c, group) + m1 * call.n + n1;
${sums
  .map(
    ([i, j]) => `  if (m1 + ${i * threads}u < call.m && n1 + ${j * threads}u < call.n) {
    let at = c_at + ${i * threads}u * call.n + ${j * threads}u;
    c[at] = select(c${i}_${j}, c[at] + c${i}_${j}, call.accumulate != 0u);
  }`,
  )
  .join("\n")}
}`;
}

/** Matmul passes. */
import elements from "../../../shaders/common/elements.wgsl";
import small from "../../../shaders/matmul/small.wgsl";
import type { Params } from "../kernel.ts";
import { get, type Plan, pass, spread } from "./pass.ts";

export interface MatmulTile {
  readonly kind: "small";
}

export const SMALL: MatmulTile = { kind: "small" };

const work = (p: Params): number => 2 * get(p, "m") * get(p, "n") * get(p, "k");

const matmulPlan: Plan = (p) => [
  pass({
    shader: "matmul/small",
    code: [elements, small],
    buffers: ["a", "b", "c"],
    words: [get(p, "m"), get(p, "n"), get(p, "k")],
    constants: { VARIANT: get(p, "variant"), ACCUMULATE: get(p, "accumulate") },
    grid: spread(Math.ceil((get(p, "m") * get(p, "n")) / 64)),
    work: work(p),
  }),
];

export const matmulPlans: Readonly<Record<string, Plan>> = { matmul: matmulPlan };

/** The coordinate check measured: mean absolute activation of each layer at several widths, over the first steps. */
import type { Backend } from "../engine/backend.ts";
import type { Graph } from "../engine/graph/graph.ts";
import { linear } from "../engine/graph/ops/linear.ts";
import { sizeOf, type Tensor } from "../engine/graph/tensor.ts";
import type { CoordinateInput } from "../evidence/gates/mup.ts";
import type { Hooks } from "../model/hooks.ts";
import { Population } from "../train/population.ts";
import { tinyCorpus, tinySpec, withHooks } from "./training.ts";

const widths = [8, 16, 32, 64];
const steps = 8;
const seeds = 4;
const sites = ["attention", "mlp", "logits"] as const;
const bufferOf = (site: string): string => `activation ${site}`;

/** Keeps a copy of an activation that outlives the step. */
function record(g: Graph, name: string, x: Tensor): Tensor {
  if (!g.training) return x;
  const copy = g.named(bufferOf(name), x.shape);
  const params = { n: sizeOf(x.shape), alpha: 1, beta: 0 };
  g.add({
    op: "record",
    inputs: [x],
    outputs: [],
    forward: (emit) => emit.call("lincomb", { a: x, b: x, y: copy }, params),
  });
  return x;
}

/** `mup`: Adam's learning rate of matrices whose inputs grow is divided by the width ratio (Yang & Hu 2022, table 8). */
function hooksFor(kind: "standard" | "mup", width: number): Hooks {
  const ratio = width / (widths[0] ?? 1);
  return {
    parameterGroup: ({ role }, group) => {
      const isGrowing = role === "hidden" || role === "head";
      return kind === "mup" && isGrowing ? { ...group, lrScale: 1 / ratio } : group;
    },
    // One head per 8 dimensions keeps d_head, and so the attention logits, at one size.
    head: (ctx, x) => {
      const weights = ctx.parameter("head", [width, 256], "head", { kind: "normal", std: 1 / Math.sqrt(width) });
      return linear(ctx.g, x, weights);
    },
    residual: (at, branch, site) => record(at.g, site, branch),
    logits: (ctx, logits) => record(ctx.g, "logits", logits),
  };
}

export async function coordinates(backend: Backend, kind: "standard" | "mup"): Promise<CoordinateInput> {
  const measured = new Map<string, { width: number; meanAbs: number }[]>(sites.map((site) => [site, []]));
  for (const width of widths) {
    for (const [site, meanAbs] of await activations(backend, kind, width)) measured.get(site)?.push({ width, meanAbs });
  }
  return { layers: sites.map((name) => ({ name, activations: measured.get(name) ?? [] })) };
}

/** Averaged over seeds (a lane each) and steps. */
async function activations(backend: Backend, kind: "standard" | "mup", width: number): Promise<Map<string, number>> {
  const specs = Array.from({ length: seeds }, (_, seed) =>
    tinySpec({ seed, lr: 0.01, width, heads: width / 8, warmup: 0 }),
  );
  const [first] = specs;
  if (first === undefined) return new Map();
  const { bytes, splits } = tinyCorpus();
  const population = await Population.create(backend, first, bytes, splits, seeds, withHooks(hooksFor(kind, width)));
  const totals = new Map<string, number>(sites.map((site) => [site, 0]));
  try {
    for (const [lane, spec] of specs.entries()) await population.start(lane, spec);
    for (let step = 0; step < steps; step++) {
      await population.train(1, seeds);
      for (const site of sites) {
        for (const lane of specs.keys()) {
          const values = await population.read(bufferOf(site), lane);
          const meanAbs = values.reduce((total, x) => total + Math.abs(x), 0) / values.length;
          totals.set(site, (totals.get(site) ?? 0) + meanAbs / (steps * seeds));
        }
      }
    }
    return totals;
  } finally {
    await population.dispose();
  }
}

/** Gradients of small graphs in which tensors are used several times, against finite differences in f64. */
import { describe, expect, it } from "vitest";
import { backwardCalls } from "../../../daemon/engine/graph/autodiff.ts";
import { Graph } from "../../../daemon/engine/graph/graph.ts";
import { add, broadcastMul, scale, swiglu, unary } from "../../../daemon/engine/graph/ops/elementwise.ts";
import { linear } from "../../../daemon/engine/graph/ops/linear.ts";
import { crossEntropy } from "../../../daemon/engine/graph/ops/loss.ts";
import { ParameterTable } from "../../../daemon/engine/graph/parameters.ts";
import { planProgram } from "../../../daemon/engine/graph/planner.ts";
import { sizeOf, type Tensor } from "../../../daemon/engine/graph/tensor.ts";
import { uniformStream } from "../../../daemon/engine/random/philox.ts";
import { ReferenceExecutable } from "../../../daemon/engine/reference/backend.ts";

const GROUP = { optimizer: "adamw", lrScale: 1, decayScale: 1 } as const;
const ROWS = 3;
const WIDTH = 4;

interface Fixture {
  readonly g: Graph;
  /** A parameter matrix [ROWS, WIDTH] that serves as the graph's input. */
  readonly p: (name: string, shape?: readonly number[]) => Tensor;
}

async function checkGradients(build: (fixture: Fixture) => Tensor): Promise<void> {
  const parameters = new ParameterTable();
  const g = new Graph({ parameters, weights: "param", training: true });
  const p: Fixture["p"] = (name, shape = [ROWS, WIDTH]) =>
    g.parameter(name, shape, "hidden", { kind: "normal", std: 1 }, GROUP);
  const logits = build({ g, p });
  const targets = g.named("targets", [ROWS], "u32");
  const { nll } = crossEntropy(g, logits, targets);
  const forward = g.forwardCalls();
  const backward = backwardCalls(g);
  const kept = g.named("kept nll", [ROWS]);
  const keep = { kernel: "lincomb", buffers: { a: nll, b: nll, y: kept }, params: { n: ROWS, alpha: 1, beta: 0 } };
  const planned = planProgram({ step: [...forward, ...backward, keep] }, parameters.arenaLength);
  const run = new ReferenceExecutable(planned.program, 1);
  run.lane(planned.bufferOf("targets"), 0).set([0, 3, 1]);
  const uniform = uniformStream(1, 99);
  const values = Float64Array.from({ length: parameters.arenaLength }, () => 2 * uniform() - 1);
  const loss = async (at: Float64Array): Promise<number> => {
    run.lane(planned.bufferOf("param"), 0).set(at);
    await run.run("step", 1, 1);
    return run.lane(planned.bufferOf("kept nll"), 0).reduce((a, b) => a + b, 0) / ROWS;
  };
  await loss(values);
  const analytic = run.lane(planned.bufferOf("grad"), 0).slice();
  for (const { name, shape, offset } of parameters.all()) {
    for (let i = 0; i < sizeOf(shape); i++) {
      const [up, down] = [values.slice(), values.slice()];
      up[offset + i] = (values[offset + i] as number) + 1e-5;
      down[offset + i] = (values[offset + i] as number) - 1e-5;
      expect(analytic[offset + i], `${name}[${i}]`).toBeCloseTo(((await loss(up)) - (await loss(down))) / 2e-5, 8);
    }
  }
}

const graphs: [string, (f: Fixture) => Tensor][] = [
  ["a tensor added to a function of itself", ({ g, p }) => add(g, p("a"), unary(g, p("a"), "tanh"))],
  [
    "a sum's term that another branch still adds to",
    ({ g, p }) => {
      const a = scale(g, p("a"), 1);
      const b = scale(g, p("b"), 1);
      const c = unary(g, a, "tanh");
      return add(g, add(g, a, b), c);
    },
  ],
  [
    "both terms of a sum are the same tensor",
    ({ g, p }) => {
      const a = unary(g, p("a"), "sigmoid");
      return add(g, a, a);
    },
  ],
  [
    "a sum used twice",
    ({ g, p }) => {
      const s = add(g, p("a"), scale(g, p("b"), 2));
      return add(g, unary(g, s, "silu"), broadcastMul(g, s, p("gain", [WIDTH])));
    },
  ],
  [
    "a gate fed twice from one tensor",
    ({ g, p }) => {
      const a = scale(g, p("a"), 0.5);
      return add(g, swiglu(g, a, a), a);
    },
  ],
  [
    "one matrix used plain and transposed",
    ({ g, p }) => {
      const w = p("w", [WIDTH, WIDTH]);
      return linear(g, linear(g, p("a"), w), w, true);
    },
  ],
];

describe("autodiff", () => {
  it.each(graphs)("%s", (_, build) => checkGradients(build));

  it("refuses two different parameters of one name", async () => {
    const build = ({ p }: Fixture): Tensor => {
      p("a");
      return p("a", [ROWS, WIDTH + 1]);
    };
    await expect(checkGradients(build)).rejects.toThrow(/a is declared twice: as \[3,4\] hidden and as \[3,5\] hidden/);
  });

  it("names the parameters that the loss does not reach", async () => {
    const build = ({ g, p }: Fixture): Tensor => {
      unary(g, p("dead"), "tanh");
      return scale(g, p("alive"), 1);
    };
    await expect(checkGradients(build)).rejects.toThrow(/no gradient: dead\./);
  });
});

/** Each backward kernel against central differences of its forward, all in the f64 references. */
import { describe, expect, test } from "vitest";
import type { NumericArray, Params } from "../../daemon/engine/kernel.ts";
import { UnaryKind } from "../../daemon/engine/kernels/elementwise.ts";
import { MatmulVariant } from "../../daemon/engine/kernels/matmul.ts";
import { partialCount } from "../../daemon/engine/kernels/norm.ts";
import { kernelNamed, kernels } from "../../daemon/engine/kernels/registry.ts";
import { uniformStream } from "../../daemon/engine/random/philox.ts";

type Arrays = Record<string, Float64Array>;

interface GradientCase {
  readonly title: string;
  readonly forward: string;
  readonly params: Params;
  /** The output y of the forward kernel; the scalar is sum(dy * y). */
  readonly output: string;
  /** Kernels that this case proves. */
  readonly backward: readonly string[];
  /** d(scalar)/d(input) by the backward kernels; `b` holds inputs and outputs of the forward kernel. */
  readonly gradients: Readonly<Record<string, (b: Arrays, dy: Float64Array) => Float64Array>>;
}

/** What `accumulate` kernels start from in these tests. */
const BEFORE = 0.25;
const STEP = 1e-5;

function normalStream(seed: number): () => number {
  const uniform = uniformStream(seed, 0x6d);
  return () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
}

/** Runs a reference on fresh outputs. */
function run(kernel: string, params: Params, inputs: Arrays): Arrays {
  const def = kernelNamed(kernel);
  const sizes = def.size(params);
  const buffers: Arrays = {};
  for (const name of Object.keys(def.buffers)) {
    buffers[name] = inputs[name] ?? new Float64Array(sizes[name] as number).fill(BEFORE);
  }
  def.reference(buffers as Record<string, NumericArray>, params);
  return buffers;
}

/** One output of an accumulating kernel, less what it started from. */
function added(kernel: string, params: Params, inputs: Arrays, output: string): Float64Array {
  return (run(kernel, { ...params, accumulate: 1 }, inputs)[output] as Float64Array).map((x) => x - BEFORE);
}

function sumPartials(partial: Float64Array, rows: number, width: number): Float64Array {
  return added("sum_rows", { rows: partialCount(rows), width }, { x: partial }, "y");
}

const product = (m: number, n: number, k: number, variant: number, a?: Float64Array, b?: Float64Array) =>
  added("matmul", { m, n, k, variant }, { a: a as Float64Array, b: b as Float64Array }, "c");

const M = 5;
const N = 3;
const K = 7;
const { NN, NT, TN } = MatmulVariant;
const matmulGradients: Readonly<Record<keyof typeof MatmulVariant, GradientCase["gradients"]>> = {
  NN: { a: (b, dc) => product(M, K, N, NT, dc, b.b), b: (b, dc) => product(K, N, M, TN, b.a, dc) },
  NT: { a: (b, dc) => product(M, K, N, NN, dc, b.b), b: (b, dc) => product(N, K, M, TN, dc, b.a) },
  TN: { a: (b, dc) => product(K, M, N, NT, b.b, dc), b: (b, dc) => product(K, N, M, NN, b.a, dc) },
};
const matmulCases = Object.entries(MatmulVariant).map(
  ([title, variant]): GradientCase => ({
    title: `matmul ${title}`,
    forward: "matmul",
    params: { m: M, n: N, k: K, variant, accumulate: 0 },
    output: "c",
    backward: ["matmul"],
    gradients: matmulGradients[title as keyof typeof MatmulVariant],
  }),
);

const rowsWidth = { rows: 37, width: 6 };
const unaryCases = Object.entries(UnaryKind).map(([title, kind]): GradientCase => {
  const params = { n: 50, kind, c: 1.5 };
  return {
    title: `unary ${title}`,
    forward: "unary",
    params,
    output: "y",
    backward: ["unary_backward"],
    gradients: { x: (b, dy) => added("unary_backward", params, { ...b, dy }, "dx") },
  };
});

function attentionCase(params: Params): GradientCase {
  const of = (output: string) => (b: Arrays, dout: Float64Array) =>
    run("attention_backward", params, { ...b, dout })[output] as Float64Array;
  return {
    title: `attention ${JSON.stringify(params)}`,
    forward: "attention",
    params,
    output: "out",
    backward: ["attention_backward"],
    gradients: {
      q: of("dq"),
      k: of("dk"),
      v: of("dv"),
      gain: (b, dout) => {
        const heads = params.heads as number;
        const partial = of("dgain")(b, dout);
        return added("sum_rows", { rows: params.batch as number, width: heads }, { x: partial }, "y");
      },
    },
  };
}

const embeddingShape = { rows: 23, vocab: 6, width: 5 };
const dropoutParams = { n: 61, rate: 0.3, site: 4 };
const lossShape = { rows: 9, vocab: 7 };

const cases: readonly GradientCase[] = [
  ...matmulCases,
  {
    title: "embedding",
    forward: "embedding",
    params: embeddingShape,
    output: "x",
    backward: ["embedding_backward"],
    gradients: {
      table: (b, dx) => added("embedding_backward", embeddingShape, { tokens: b.tokens as Float64Array, dx }, "dtable"),
    },
  },
  {
    title: "rmsnorm",
    forward: "rmsnorm",
    params: { ...rowsWidth, eps: 1e-5 },
    output: "y",
    backward: ["rmsnorm_backward", "rmsnorm_gain_backward", "sum_rows"],
    gradients: {
      x: (b, dy) => added("rmsnorm_backward", rowsWidth, { ...b, dy }, "dx"),
      gain: (b, dy) => {
        const { partial } = run("rmsnorm_gain_backward", rowsWidth, { ...b, dy });
        return sumPartials(partial as Float64Array, rowsWidth.rows, rowsWidth.width);
      },
    },
  },
  ...unaryCases,
  {
    title: "swiglu",
    forward: "swiglu",
    params: { n: 40 },
    output: "y",
    backward: ["swiglu_backward"],
    gradients: {
      a: (b, dy) => run("swiglu_backward", { n: 40 }, { ...b, dy }).da as Float64Array,
      b: (b, dy) => run("swiglu_backward", { n: 40 }, { ...b, dy }).db as Float64Array,
    },
  },
  {
    title: "broadcast_mul",
    forward: "broadcast_mul",
    params: { ...rowsWidth, accumulate: 0 },
    output: "y",
    backward: ["broadcast_mul_gain"],
    gradients: {
      x: (b, dy) => added("broadcast_mul", rowsWidth, { x: dy, g: b.g as Float64Array }, "y"),
      g: (b, dy) => {
        const { partial } = run("broadcast_mul_gain", rowsWidth, { ...b, dy });
        return sumPartials(partial as Float64Array, rowsWidth.rows, rowsWidth.width);
      },
    },
  },
  {
    title: "dropout",
    forward: "dropout",
    params: dropoutParams,
    output: "y",
    backward: ["dropout"],
    gradients: {
      x: (b, dy) => run("dropout", dropoutParams, { x: dy, state: b.state as Float64Array }).y as Float64Array,
    },
  },
  attentionCase({ batch: 2, time: 9, heads: 2, kvHeads: 2, headDim: 4, rotary: 4 }),
  attentionCase({ batch: 2, time: 6, heads: 4, kvHeads: 2, headDim: 6, rotary: 2 }),
  {
    title: "cross_entropy",
    forward: "cross_entropy",
    params: lossShape,
    output: "nll",
    backward: ["cross_entropy_backward"],
    gradients: {
      logits: (b) => run("cross_entropy_backward", { ...lossShape, scale: 1 }, b).dlogits as Float64Array,
    },
  },
];

function inputsOf(test: GradientCase, seed: number): Arrays {
  const def = kernelNamed(test.forward);
  const sizes = def.size(test.params);
  const uniform = uniformStream(seed, 0x6c);
  const normal = normalStream(seed);
  const inputs: Arrays = {};
  for (const [name, { access }] of Object.entries(def.buffers)) {
    if (access !== "read") continue;
    const fill = def.fill?.[name];
    inputs[name] = Float64Array.from({ length: sizes[name] as number }, (_, i) =>
      fill ? fill(i, uniform, test.params) : normal(),
    );
  }
  return inputs;
}

/** Largest difference between the backward kernel and central differences, relative to the largest gradient. */
function worstError(test: GradientCase, input: string): number {
  const inputs = inputsOf(test, 17);
  const forward = run(test.forward, test.params, inputs);
  const normal = normalStream(99);
  // The loss kernel is a sum: every row has weight 1.
  const dy = (forward[test.output] as Float64Array).map(() => (test.forward === "cross_entropy" ? 1 : normal()));
  const analytic = test.gradients[input]?.({ ...inputs, ...forward }, dy) as Float64Array;
  const x = inputs[input] as Float64Array;
  const scalar = (): number => {
    const y = run(test.forward, test.params, inputs)[test.output] as Float64Array;
    return y.reduce((sum, value, i) => sum + value * (dy[i] as number), 0);
  };
  const scale = analytic.reduce((max, value) => Math.max(max, Math.abs(value)), 1e-3);
  let worst = 0;
  for (let i = 0; i < x.length; i++) {
    const at = x[i] as number;
    x[i] = at + STEP;
    const above = scalar();
    x[i] = at - STEP;
    const below = scalar();
    x[i] = at;
    worst = Math.max(worst, Math.abs((above - below) / (2 * STEP) - (analytic[i] as number)) / scale);
  }
  return worst;
}

describe.each([...cases])("$title", (gradientCase) => {
  test.each(Object.keys(gradientCase.gradients))("gradient of %s", (input) => {
    expect(worstError(gradientCase, input)).toBeLessThan(1e-7);
  });
});

test("every backward kernel is covered", () => {
  const covered = new Set(cases.flatMap((gradientCase) => gradientCase.backward));
  const backward = [...kernels.keys()].filter((name) => /_backward$|_gain$/.test(name));
  expect(backward.filter((name) => !covered.has(name))).toEqual([]);
});

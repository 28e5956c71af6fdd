/** Element-by-element kernels: activations, linear combinations, broadcast products, dropout. */
import { defineKernel } from "../kernel.ts";
import { Purpose, randomWords, toUniform } from "../random/philox.ts";
import { LaneState } from "./lane.ts";
import { PARTIAL_ROWS, partialCount } from "./norm.ts";

/** f(x) of `unary`; c is the cap of softcap, c*tanh(x/c), and unused elsewhere. gelu is the tanh form. */
export const UnaryKind = {
  relu: 0,
  relu2: 1,
  leakyRelu2: 2,
  gelu: 3,
  silu: 4,
  tanh: 5,
  sigmoid: 6,
  softcap: 7,
} as const;
const KINDS = Object.values(UnaryKind);
const GELU_A = Math.sqrt(2 / Math.PI);
const GELU_B = 0.044715;
const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

function unaryValue(x: number, kind: number, c: number): number {
  switch (kind) {
    case UnaryKind.relu:
      return Math.max(0, x);
    case UnaryKind.relu2:
      return Math.max(0, x) ** 2;
    case UnaryKind.leakyRelu2:
      return (x > 0 ? x : 0.5 * x) ** 2;
    case UnaryKind.gelu:
      return 0.5 * x * (1 + Math.tanh(GELU_A * (x + GELU_B * x ** 3)));
    case UnaryKind.silu:
      return x * sigmoid(x);
    case UnaryKind.tanh:
      return Math.tanh(x);
    case UnaryKind.sigmoid:
      return sigmoid(x);
    default:
      return c * Math.tanh(x / c);
  }
}

function unarySlope(x: number, kind: number, c: number): number {
  switch (kind) {
    case UnaryKind.relu:
      return x > 0 ? 1 : 0;
    case UnaryKind.relu2:
      return 2 * Math.max(0, x);
    case UnaryKind.leakyRelu2:
      return x > 0 ? 2 * x : 0.5 * x;
    case UnaryKind.gelu: {
      const t = Math.tanh(GELU_A * (x + GELU_B * x ** 3));
      return 0.5 * (1 + t) + 0.5 * x * (1 - t * t) * GELU_A * (1 + 3 * GELU_B * x * x);
    }
    case UnaryKind.silu: {
      const s = sigmoid(x);
      return s * (1 + x * (1 - s));
    }
    case UnaryKind.tanh:
      return 1 - Math.tanh(x) ** 2;
    case UnaryKind.sigmoid: {
      const s = sigmoid(x);
      return s * (1 - s);
    }
    default:
      return 1 - Math.tanh(x / c) ** 2;
  }
}

const unarySamples = KINDS.flatMap((kind) =>
  [1, 103, 4096 + 7].map((n) => ({ n, kind, c: kind === UnaryKind.softcap ? 2.5 : 0 })),
);

/** y = f(x), n elements. */
export const unary = defineKernel({
  name: "unary",
  family: "elementwise",
  buffers: { x: { access: "read", dtype: "f32" }, y: { access: "write", dtype: "f32" } },
  params: ["n", "kind", "c"],
  size: ({ n }) => ({ x: n, y: n }),
  samples: unarySamples,
  reference(b, { n, kind, c }) {
    for (let i = 0; i < n; i++) b.y[i] = unaryValue(b.x[i] as number, kind, c);
  },
});

/** dx (+)= f'(x) dy. */
export const unaryBackward = defineKernel({
  name: "unary_backward",
  family: "elementwise",
  buffers: {
    x: { access: "read", dtype: "f32" },
    dy: { access: "read", dtype: "f32" },
    dx: { access: "readwrite", dtype: "f32" },
  },
  params: ["n", "kind", "c", "accumulate"],
  size: ({ n }) => ({ x: n, dy: n, dx: n }),
  samples: unarySamples.map((s, i) => ({ ...s, accumulate: i % 2 })),
  reference(b, { n, kind, c, accumulate }) {
    for (let i = 0; i < n; i++) {
      const d = unarySlope(b.x[i] as number, kind, c) * (b.dy[i] as number);
      b.dx[i] = accumulate ? (b.dx[i] as number) + d : d;
    }
  },
});

/** SwiGLU (Shazeer 2020): y = silu(a) * b. */
export const swiglu = defineKernel({
  name: "swiglu",
  family: "elementwise",
  buffers: {
    a: { access: "read", dtype: "f32" },
    b: { access: "read", dtype: "f32" },
    y: { access: "write", dtype: "f32" },
  },
  params: ["n"],
  size: ({ n }) => ({ a: n, b: n, y: n }),
  samples: [{ n: 1 }, { n: 257 }, { n: 4099 }],
  reference(buf, { n }) {
    for (let i = 0; i < n; i++) buf.y[i] = unaryValue(buf.a[i] as number, UnaryKind.silu, 0) * (buf.b[i] as number);
  },
});

/** da = silu'(a) b dy, db = silu(a) dy. */
export const swigluBackward = defineKernel({
  name: "swiglu_backward",
  family: "elementwise",
  buffers: {
    a: { access: "read", dtype: "f32" },
    b: { access: "read", dtype: "f32" },
    dy: { access: "read", dtype: "f32" },
    da: { access: "write", dtype: "f32" },
    db: { access: "write", dtype: "f32" },
  },
  params: ["n"],
  size: ({ n }) => ({ a: n, b: n, dy: n, da: n, db: n }),
  samples: [{ n: 1 }, { n: 257 }, { n: 4099 }],
  reference(buf, { n }) {
    for (let i = 0; i < n; i++) {
      const a = buf.a[i] as number;
      const dy = buf.dy[i] as number;
      buf.da[i] = unarySlope(a, UnaryKind.silu, 0) * (buf.b[i] as number) * dy;
      buf.db[i] = unaryValue(a, UnaryKind.silu, 0) * dy;
    }
  },
});

/** y = alpha a + beta b. */
export const lincomb = defineKernel({
  name: "lincomb",
  family: "elementwise",
  buffers: {
    a: { access: "read", dtype: "f32" },
    b: { access: "read", dtype: "f32" },
    y: { access: "write", dtype: "f32" },
  },
  params: ["n", "alpha", "beta"],
  size: ({ n }) => ({ a: n, b: n, y: n }),
  samples: [
    { n: 1, alpha: 1, beta: 1 },
    { n: 259, alpha: -4.775, beta: 2.0315 },
    { n: 4101, alpha: 0.5, beta: 1 },
  ],
  reference(buf, { n, alpha, beta }) {
    for (let i = 0; i < n; i++) buf.y[i] = alpha * (buf.a[i] as number) + beta * (buf.b[i] as number);
  },
});

/** y += alpha x. */
export const axpy = defineKernel({
  name: "axpy",
  family: "elementwise",
  buffers: { x: { access: "read", dtype: "f32" }, y: { access: "readwrite", dtype: "f32" } },
  params: ["n", "alpha"],
  size: ({ n }) => ({ x: n, y: n }),
  samples: [
    { n: 1, alpha: 1 },
    { n: 1031, alpha: -0.25 },
  ],
  reference(b, { n, alpha }) {
    for (let i = 0; i < n; i++) b.y[i] = (b.y[i] as number) + alpha * (b.x[i] as number);
  },
});

const broadcastSamples = [
  { rows: 1, width: 1 },
  { rows: 101, width: 1 },
  { rows: 33, width: 17 },
  { rows: 64, width: 128 },
];

/** y (+)= x * g, g repeated over rows. x, y [rows, width]; g [width]; width 1 is a learned scalar. */
export const broadcastMul = defineKernel({
  name: "broadcast_mul",
  family: "elementwise",
  buffers: {
    x: { access: "read", dtype: "f32" },
    g: { access: "read", dtype: "f32" },
    y: { access: "readwrite", dtype: "f32" },
  },
  params: ["rows", "width", "accumulate"],
  size: ({ rows, width }) => ({ x: rows * width, g: width, y: rows * width }),
  samples: broadcastSamples.map((s, i) => ({ ...s, accumulate: i % 2 })),
  reference(b, { rows, width, accumulate }) {
    for (let r = 0; r < rows; r++) {
      for (let c = 0; c < width; c++) {
        const v = (b.x[r * width + c] as number) * (b.g[c] as number);
        b.y[r * width + c] = accumulate ? (b.y[r * width + c] as number) + v : v;
      }
    }
  },
});

/** Partials of dg: partial[i, c] = sum over rows of chunk i of x*dy. Finish with `sum_rows`. */
export const broadcastMulGain = defineKernel({
  name: "broadcast_mul_gain",
  family: "elementwise",
  buffers: {
    x: { access: "read", dtype: "f32" },
    dy: { access: "read", dtype: "f32" },
    partial: { access: "write", dtype: "f32" },
  },
  params: ["rows", "width"],
  size: ({ rows, width }) => ({ x: rows * width, dy: rows * width, partial: partialCount(rows) * width }),
  samples: broadcastSamples,
  reference(b, { rows, width }) {
    for (let i = 0; i < partialCount(rows) * width; i++) b.partial[i] = 0;
    for (let r = 0; r < rows; r++) {
      const base = Math.floor(r / PARTIAL_ROWS) * width;
      for (let c = 0; c < width; c++) {
        const term = (b.x[r * width + c] as number) * (b.dy[r * width + c] as number);
        b.partial[base + c] = (b.partial[base + c] as number) + term;
      }
    }
  },
});

/**
 * Inverted dropout: y = x/(1-rate) where kept, else 0. Element i is kept when
 * uniform(word i%4 of counter (i/4, step, site), key (seed, Purpose.dropout)) >= rate.
 * Its own backward: applied to dy with the same site and step.
 */
export const dropout = defineKernel({
  name: "dropout",
  family: "elementwise",
  buffers: {
    x: { access: "read", dtype: "f32" },
    state: { access: "read", dtype: "u32" },
    y: { access: "write", dtype: "f32" },
  },
  params: ["n", "rate", "site"],
  size: ({ n }) => ({ x: n, state: LaneState.length, y: n }),
  fill: { state: (i, u) => (i === LaneState.step ? 3 : Math.floor(u() * 2 ** 32)) },
  samples: [
    { n: 1, rate: 0.5, site: 0 },
    { n: 1027, rate: 0.1, site: 5 },
    { n: 4098, rate: 0.75, site: 2 },
  ],
  reference(b, { n, rate, site }) {
    const seed = b.state[LaneState.seed] as number;
    const step = b.state[LaneState.step] as number;
    for (let i = 0; i < n; i++) {
      const word = randomWords(seed, Purpose.dropout, step, i >>> 2, site)[i & 3] as number;
      b.y[i] = toUniform(word) >= rate ? (b.x[i] as number) / (1 - rate) : 0;
    }
  },
});

/**
 * Causal self-attention with rotary positions inside, forward and backward (Su et al. 2021; the softmax is
 * recomputed in the backward pass from the stored log-sum-exp, as in Dao et al. 2022).
 *
 * q, out [B*T, H*hd]; k, v [B*T, KVH*hd], head h reads key head floor(h*KVH/H); cos, sin [T, r/2]; gain [H];
 * lse, delta [B, H, T]. Rotation pairs dimension i with i + r/2 for i < r/2; dimensions >= r pass unrotated.
 * logits_ij = gain_h / sqrt(hd) * (rot(q_i) . rot(k_j)), j <= i.
 */
import { defineKernel, type NumericArray } from "../kernel.ts";

type Shape = Readonly<Record<"batch" | "time" | "heads" | "kvHeads" | "headDim" | "rotary", number>>;

const PARAMS = ["batch", "time", "heads", "kvHeads", "headDim", "rotary"] as const;

function sizes(p: Shape) {
  const rows = p.batch * p.time;
  return {
    q: rows * p.heads * p.headDim,
    k: rows * p.kvHeads * p.headDim,
    v: rows * p.kvHeads * p.headDim,
    cos: (p.time * p.rotary) / 2,
    sin: (p.time * p.rotary) / 2,
    gain: p.heads,
    out: rows * p.heads * p.headDim,
    lse: p.batch * p.heads * p.time,
  };
}

const samples = [
  { batch: 1, time: 1, heads: 1, kvHeads: 1, headDim: 2, rotary: 2 },
  { batch: 2, time: 5, heads: 3, kvHeads: 3, headDim: 6, rotary: 4 },
  { batch: 1, time: 37, heads: 2, kvHeads: 1, headDim: 16, rotary: 16 },
  { batch: 2, time: 64, heads: 4, kvHeads: 4, headDim: 32, rotary: 32 },
  { batch: 1, time: 130, heads: 4, kvHeads: 2, headDim: 8, rotary: 2 },
];

const input = { access: "read", dtype: "f32" } as const;
const output = { access: "write", dtype: "f32" } as const;
const inputs = { q: input, k: input, v: input, cos: input, sin: input, gain: input };

/** Rows of one head, rotated forward (sign 1) or back (sign -1): [T][hd]. */
function rotatedHead(
  src: NumericArray,
  p: Shape,
  b: number,
  head: number,
  heads: number,
  cos: NumericArray,
  sin: NumericArray,
): number[][] {
  const rows: number[][] = [];
  for (let t = 0; t < p.time; t++) {
    const at = (b * p.time + t) * heads * p.headDim + head * p.headDim;
    const row = Array.from({ length: p.headDim }, (_, i) => src[at + i] as number);
    rows.push(rotate(row, t, p.rotary, cos, sin, 1));
  }
  return rows;
}

function rotate(
  row: readonly number[],
  t: number,
  rotary: number,
  cos: NumericArray,
  sin: NumericArray,
  sign: number,
): number[] {
  const out = row.slice();
  const half = rotary / 2;
  for (let i = 0; i < half; i++) {
    const c = cos[t * half + i] as number;
    const s = sign * (sin[t * half + i] as number);
    const a = row[i] as number;
    const b = row[i + half] as number;
    out[i] = a * c - b * s;
    out[i + half] = a * s + b * c;
  }
  return out;
}

const dot = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, x, i) => sum + x * (b[i] as number), 0);

export const attention = defineKernel({
  name: "attention",
  family: "attention",
  buffers: { ...inputs, out: output, lse: output },
  params: PARAMS,
  size: sizes,
  samples,
  reference(buf, p) {
    const { batch, time, heads, kvHeads, headDim } = p;
    for (let b = 0; b < batch; b++) {
      for (let h = 0; h < heads; h++) {
        const kv = Math.floor((h * kvHeads) / heads);
        const q = rotatedHead(buf.q, p, b, h, heads, buf.cos, buf.sin);
        const k = rotatedHead(buf.k, p, b, kv, kvHeads, buf.cos, buf.sin);
        const scale = (buf.gain[h] as number) / Math.sqrt(headDim);
        for (let i = 0; i < time; i++) {
          const logits = k.slice(0, i + 1).map((row) => scale * dot(q[i] as number[], row));
          const max = Math.max(...logits);
          const sum = logits.reduce((s, x) => s + Math.exp(x - max), 0);
          const lse = max + Math.log(sum);
          buf.lse[(b * heads + h) * time + i] = lse;
          for (let c = 0; c < headDim; c++) {
            let value = 0;
            for (let j = 0; j <= i; j++) {
              value +=
                Math.exp((logits[j] as number) - lse) *
                (buf.v[((b * time + j) * kvHeads + kv) * headDim + c] as number);
            }
            buf.out[((b * time + i) * heads + h) * headDim + c] = value;
          }
        }
      }
    }
  },
});

/** dq, dk, dv; delta_i = dout_i . out_i; dgain [B*H] partials (sum over B with `sum_rows`). */
export const attentionBackward = defineKernel({
  name: "attention_backward",
  family: "attention",
  buffers: {
    ...inputs,
    out: input,
    lse: input,
    dout: input,
    dq: output,
    dk: output,
    dv: output,
    delta: output,
    dgain: output,
  },
  params: PARAMS,
  size: (p) => {
    const s = sizes(p);
    return { ...s, dout: s.out, dq: s.q, dk: s.k, dv: s.v, delta: s.lse, dgain: p.batch * p.heads };
  },
  samples,
  // A consistent (out, lse) must come from the forward kernel: tests run it first.
  reference(buf, p) {
    const { batch, time, heads, kvHeads, headDim } = p;
    for (let i = 0; i < batch * time * kvHeads * headDim; i++) {
      buf.dk[i] = 0;
      buf.dv[i] = 0;
    }
    for (let b = 0; b < batch; b++) for (let h = 0; h < heads; h++) headBackward(buf, p, b, h);
    // dk was accumulated in rotated coordinates over the heads that share a key head: rotate back.
    for (let b = 0; b < batch; b++) {
      for (let t = 0; t < time; t++) {
        for (let kv = 0; kv < kvHeads; kv++) {
          const at = ((b * time + t) * kvHeads + kv) * headDim;
          const row = Array.from({ length: headDim }, (_, i) => buf.dk[at + i] as number);
          rotate(row, t, p.rotary, buf.cos, buf.sin, -1).forEach((x, i) => {
            buf.dk[at + i] = x;
          });
        }
      }
    }
  },
});

type BackwardBuffers = Readonly<
  Record<
    "q" | "k" | "v" | "cos" | "sin" | "gain" | "out" | "lse" | "dout" | "dq" | "dk" | "dv" | "delta" | "dgain",
    NumericArray
  >
>;

function headBackward(buf: BackwardBuffers, p: Shape, b: number, h: number): void {
  const { time, heads, kvHeads, headDim } = p;
  const kv = Math.floor((h * kvHeads) / heads);
  const q = rotatedHead(buf.q, p, b, h, heads, buf.cos, buf.sin);
  const k = rotatedHead(buf.k, p, b, kv, kvHeads, buf.cos, buf.sin);
  const inv = 1 / Math.sqrt(headDim);
  const scale = (buf.gain[h] as number) * inv;
  let dgain = 0;
  for (let i = 0; i < time; i++) {
    const row = ((b * time + i) * heads + h) * headDim;
    let delta = 0;
    for (let c = 0; c < headDim; c++) delta += (buf.dout[row + c] as number) * (buf.out[row + c] as number);
    const at = (b * heads + h) * time + i;
    buf.delta[at] = delta;
    const dq = new Array<number>(headDim).fill(0);
    for (let j = 0; j <= i; j++) {
      const col = ((b * time + j) * kvHeads + kv) * headDim;
      const raw = dot(q[i] as number[], k[j] as number[]);
      const prob = Math.exp(scale * raw - (buf.lse[at] as number));
      let dprob = 0;
      for (let c = 0; c < headDim; c++) {
        dprob += (buf.dout[row + c] as number) * (buf.v[col + c] as number);
        buf.dv[col + c] = (buf.dv[col + c] as number) + prob * (buf.dout[row + c] as number);
      }
      const dlogit = prob * (dprob - delta);
      dgain += dlogit * raw * inv;
      for (let c = 0; c < headDim; c++) {
        dq[c] = (dq[c] as number) + dlogit * scale * ((k[j] as number[])[c] as number);
        buf.dk[col + c] = (buf.dk[col + c] as number) + dlogit * scale * ((q[i] as number[])[c] as number);
      }
    }
    rotate(dq, i, p.rotary, buf.cos, buf.sin, -1).forEach((x, c) => {
      buf.dq[row + c] = x;
    });
  }
  buf.dgain[b * heads + h] = dgain;
}

/** The transformer of family `attn` for one sequence, written from the definitions on the tape's primitives. */
import { Purpose, randomWords, toUniform } from "../../daemon/engine/random/philox.ts";
import type { Settings } from "./settings.ts";
import { exp, log, Matrix, power, scalar, type Tape, tanh } from "./tape.ts";
import type { Weights } from "./weights.ts";

/** Input before the first byte of a text: the zero vector. */
export const BOS = null;
export type Token = number | typeof BOS;

const NORM_EPS = 1e-5;

/** While training with dropout: the step, and the sequence's place in the batch. */
export interface DropoutPlace {
  readonly step: number;
  readonly sequence: number;
}

/** tokens [T] -> logits [T, V]. */
export function forward(tape: Tape, s: Settings, w: Weights, tokens: readonly Token[], place?: DropoutPlace): Matrix {
  const weight = (name: string): Matrix => {
    const found = w.get(name);
    if (!found) throw new Error(`No weight ${name}`);
    return found.values;
  };
  const norm = (x: Matrix, name: string): Matrix => {
    const y = rmsNorm(tape, x);
    return s.normGain ? tape.mul(y, weight(`${name}.gain`)) : y;
  };
  const drop = (x: Matrix, site: number): Matrix =>
    place && s.dropout > 0 ? tape.mul(x, dropoutMask(s, x, place, site)) : x;

  let x = tape.rows(weight("embedding"), tokens);
  for (let layer = 0; layer < s.layers; layer++) {
    const attention = `layer${layer}.attention`;
    const mlp = `layer${layer}.mlp`;
    x = tape.add(x, drop(attend(tape, s, norm(x, attention), attention, weight), 2 * layer));
    x = tape.add(x, drop(perceptron(tape, s, norm(x, mlp), mlp, weight), 2 * layer + 1));
  }
  x = norm(x, "final");
  const logits = s.tiedHead
    ? tape.matmul(tape.scale(x, 1 / Math.sqrt(s.width)), tape.transpose(weight("embedding")))
    : tape.matmul(x, weight("head"));
  return s.softcap === null ? logits : tape.scale(tape.map(tape.scale(logits, 1 / s.softcap), ...tanh), s.softcap);
}

/** Sum of -ln softmax(logits)[target] in nats over the rows that have a target. */
export function nllSum(tape: Tape, logits: Matrix, targets: readonly (number | null)[]): Matrix {
  const chosen = new Matrix(logits.rows, logits.cols);
  const counts = new Matrix(logits.rows, 1);
  targets.forEach((target, t) => {
    if (target === null) return;
    chosen.data[t * logits.cols + target] = 1;
    counts.data[t] = 1;
  });
  const lse = tape.map(tape.sumCols(tape.map(logits, ...exp)), ...log);
  const target = tape.sumCols(tape.mul(logits, chosen));
  const nll = tape.mul(tape.add(lse, tape.scale(target, -1)), counts);
  return tape.sumCols(tape.transpose(nll));
}

/** x / sqrt(mean(x^2) + eps) per row (Zhang & Sennrich 2019). */
function rmsNorm(tape: Tape, x: Matrix): Matrix {
  const mean = tape.scale(tape.sumCols(tape.mul(x, x)), 1 / x.cols);
  return tape.mul(x, tape.map(tape.add(mean, scalar(NORM_EPS)), ...power(-0.5)));
}

type Lookup = (name: string) => Matrix;

function attend(tape: Tape, s: Settings, x: Matrix, name: string, weight: Lookup): Matrix {
  const [q, k, v] = ["q", "k", "v"].map((part) => tape.matmul(x, weight(`${name}.${part}`))) as [
    Matrix,
    Matrix,
    Matrix,
  ];
  const head = (m: Matrix, h: number): Matrix =>
    tape.columns(
      m,
      Array.from({ length: s.headDim }, (_, i) => h * s.headDim + i),
    );
  const direction = (m: Matrix, h: number): Matrix => {
    const part = head(m, h);
    return rotate(tape, s, s.qkNorm ? rmsNorm(tape, part) : part);
  };
  const outputs = Array.from({ length: s.heads }, (_, h) => {
    // Query heads share a key head in groups of equal size, in order (Ainslie et al. 2023).
    const shared = Math.floor(h / (s.heads / s.kvHeads));
    let logits = tape.matmul(direction(q, h), tape.transpose(direction(k, shared)));
    logits = tape.scale(logits, 1 / Math.sqrt(s.headDim));
    if (s.qkGain !== null) logits = tape.mul(logits, tape.columns(weight(`${name}.qk_gain`), [h]));
    return tape.matmul(causalSoftmax(tape, logits), head(v, shared));
  });
  return tape.matmul(tape.beside(outputs), weight(`${name}.out`));
}

/** Row t over columns 0..t. */
function causalSoftmax(tape: Tape, logits: Matrix): Matrix {
  const past = new Matrix(logits.rows, logits.cols);
  for (let t = 0; t < logits.rows; t++) for (let j = 0; j <= t; j++) past.data[t * logits.cols + j] = 1;
  const e = tape.mul(tape.map(logits, ...exp), past);
  return tape.mul(e, tape.map(tape.sumCols(e), ...power(-1)));
}

/**
 * Rotary positions (Su et al. 2021) on the first r dimensions: pair (i, i + r/2) of position t turns by the
 * angle t * base^(-2i/r). Written as y = x cos + swap(x) sin, where swap(x) = (-second half, first half).
 */
function rotate(tape: Tape, s: Settings, x: Matrix): Matrix {
  const half = s.rotary / 2;
  const cos = new Matrix(x.rows, x.cols);
  const sin = new Matrix(x.rows, x.cols);
  for (let t = 0; t < x.rows; t++) {
    for (let i = 0; i < x.cols; i++) {
      const angle = i < s.rotary ? t * s.ropeBase ** ((-2 * (i % half)) / s.rotary) : 0;
      cos.data[t * x.cols + i] = Math.cos(angle);
      sin.data[t * x.cols + i] = i < half ? -Math.sin(angle) : Math.sin(angle);
    }
  }
  const partner = (i: number): number => (i >= s.rotary ? i : i < half ? i + half : i - half);
  const swapped = tape.columns(
    x,
    Array.from({ length: x.cols }, (_, i) => partner(i)),
  );
  return tape.add(tape.mul(x, cos), tape.mul(swapped, sin));
}

function perceptron(tape: Tape, s: Settings, x: Matrix, name: string, weight: Lookup): Matrix {
  const inner = tape.matmul(x, weight(`${name}.in`));
  const hidden = s.activation === "swiglu" ? gate(tape, tape.matmul(x, weight(`${name}.gate`)), inner) : activate();
  return tape.matmul(hidden, weight(`${name}.out`));

  function activate(): Matrix {
    if (s.activation === "gelu") return gelu(tape, inner);
    const negative = s.activation === "leaky-relu2" ? 0.5 : 0;
    const h = tape.map(
      inner,
      (z) => (z > 0 ? z : negative * z),
      (z) => (z > 0 ? 1 : negative),
    );
    return s.activation === "relu" ? h : tape.mul(h, h);
  }
}

/** silu(a) * b, silu(a) = a / (1 + e^-a) (Shazeer 2020). */
function gate(tape: Tape, a: Matrix, b: Matrix): Matrix {
  const denominator = tape.add(tape.map(tape.scale(a, -1), ...exp), scalar(1));
  return tape.mul(tape.mul(a, tape.map(denominator, ...power(-1))), b);
}

/** z/2 (1 + tanh(sqrt(2/pi) (z + 0.044715 z^3))) (Hendrycks & Gimpel 2016). */
function gelu(tape: Tape, z: Matrix): Matrix {
  const cubic = tape.add(z, tape.scale(tape.map(z, ...power(3)), 0.044715));
  const t = tape.map(tape.scale(cubic, Math.sqrt(2 / Math.PI)), ...tanh);
  return tape.mul(tape.scale(z, 0.5), tape.add(t, scalar(1)));
}

/** 1/(1-rate) where kept, 0 where dropped. Element i of the batch's [B*T, D] uses word i%4 of index i/4. */
function dropoutMask(s: Settings, x: Matrix, { step, sequence }: DropoutPlace, site: number): Matrix {
  const first = sequence * x.rows * x.cols;
  const keep = x.data.map((_, at) => {
    const i = first + at;
    const word = randomWords(s.seed, Purpose.dropout, step, Math.floor(i / 4), site)[i % 4] as number;
    return toUniform(word) >= s.dropout ? 1 / (1 - s.dropout) : 0;
  });
  return new Matrix(x.rows, x.cols, keep);
}

/** One optimiser step in f64: schedule, clipping, AdamW, Muon, moving average. Steps count from 0. */
import type { Settings } from "./settings.ts";
import { addProduct, flipped, Matrix } from "./tape.ts";
import type { Weight, Weights } from "./weights.ts";

/** Share of the peak learning rate at a step. */
export function learningRateFactor({ schedule }: Settings, step: number): number {
  const { kind, warmup, steps, minFraction, decayFraction } = schedule;
  if (step < warmup) return (step + 1) / warmup;
  if (kind === "flat") return 1;
  if (step >= steps) return minFraction;
  if (kind === "cosine") {
    const angle = (Math.PI * (step - warmup)) / (steps - warmup);
    return minFraction + ((1 - minFraction) * (1 + Math.cos(angle))) / 2;
  }
  const decaySteps = steps * decayFraction;
  const decayStart = steps - decaySteps;
  return step < decayStart ? 1 : 1 - ((1 - minFraction) * (step - decayStart)) / decaySteps;
}

export class Optimizer {
  readonly average: Weights;
  readonly #s: Settings;
  readonly #weights: Weights;
  readonly #first = new Map<string, Float64Array>();
  readonly #second = new Map<string, Float64Array>();

  constructor(s: Settings, weights: Weights) {
    this.#s = s;
    this.#weights = weights;
    this.average = new Map(
      [...weights].map(([name, w]) => {
        this.#first.set(name, new Float64Array(w.values.data.length));
        this.#second.set(name, new Float64Array(w.values.data.length));
        return [name, { ...w, values: new Matrix(w.values.rows, w.values.cols, w.values.data) }];
      }),
    );
  }

  /** Applies the gradients that the weights hold. @returns the global gradient norm before clipping */
  step(step: number): number {
    const s = this.#s;
    const all = [...this.#weights.values()];
    const norm = Math.sqrt(all.reduce((sum, w) => sum + w.values.grad.reduce((part, g) => part + g * g, 0), 0));
    const clip = s.clipNorm > 0 && norm > s.clipNorm ? s.clipNorm / norm : 1;
    const factor = learningRateFactor(s, step);
    for (const w of all) {
      const gradient = w.values.grad.map((g) => g * clip);
      if (s.muon && w.role === "matrix") this.#muon(w, gradient, s.muon.lr * factor, s.muon.momentum);
      else this.#adamw(w, gradient, s.adam.lr * factor, step + 1);
    }
    if (s.emaDecay !== null) this.#follow(Math.min(s.emaDecay, (1 + step) / (10 + step)));
    return norm;
  }

  /** Decoupled decay (Loshchilov & Hutter 2019) of everything but gains. */
  #decay(w: Weight): number {
    return w.role === "gain" ? 0 : this.#s.adam.weight_decay;
  }

  #adamw(w: Weight, gradient: Float64Array, lr: number, t: number): void {
    const { beta1, beta2, eps } = this.#s.adam;
    const m = this.#first.get(w.name) as Float64Array;
    const v = this.#second.get(w.name) as Float64Array;
    const p = w.values.data;
    gradient.forEach((g, i) => {
      const mean = beta1 * (m[i] as number) + (1 - beta1) * g;
      const square = beta2 * (v[i] as number) + (1 - beta2) * g ** 2;
      m[i] = mean;
      v[i] = square;
      const update = mean / (1 - beta1 ** t) / (Math.sqrt(square / (1 - beta2 ** t)) + eps);
      p[i] = (p[i] as number) * (1 - lr * this.#decay(w)) - lr * update;
    });
  }

  /** Jordan et al. 2024: Nesterov momentum, orthogonalised, scaled by sqrt(max(1, fanOut/fanIn)). */
  #muon(w: Weight, gradient: Float64Array, lr: number, momentum: number): void {
    const buffer = this.#first.get(w.name) as Float64Array;
    const [fanIn, fanOut] = [w.values.rows, w.values.cols];
    const nesterov = new Matrix(fanIn, fanOut);
    gradient.forEach((g, i) => {
      buffer[i] = momentum * (buffer[i] as number) + g;
      nesterov.data[i] = g + momentum * (buffer[i] as number);
    });
    const direction = orthogonalise(nesterov);
    const scale = Math.sqrt(Math.max(1, fanOut / fanIn));
    const p = w.values.data;
    direction.data.forEach((o, i) => {
      p[i] = (p[i] as number) * (1 - lr * this.#decay(w)) - lr * scale * o;
    });
  }

  #follow(decay: number): void {
    for (const [name, { values }] of this.average) {
      const target = (this.#weights.get(name) as Weight).values.data;
      values.data.forEach((a, i) => {
        values.data[i] = decay * a + (1 - decay) * (target[i] as number);
      });
    }
  }
}

/** Five steps X <- a X + (b A + c A^2) X with A = X X^T, from X of Frobenius norm 1. */
function orthogonalise(start: Matrix): Matrix {
  const [a, b, c] = [3.4445, -4.775, 2.0315];
  const size = Math.sqrt(start.data.reduce((sum, x) => sum + x * x, 0)) + 1e-7;
  let x = new Matrix(
    start.rows,
    start.cols,
    start.data.map((value) => value / size),
  );
  for (let round = 0; round < 5; round++) {
    const gram = product(x, transposed(x));
    const square = product(gram, gram);
    const polynomial = combine(b, gram, c, square);
    x = combine(a, x, 1, product(polynomial, x));
  }
  return x;
}

function product(a: Matrix, b: Matrix): Matrix {
  const y = new Matrix(a.rows, b.cols);
  addProduct(y.data, a.data, b.data, a.rows, a.cols, b.cols);
  return y;
}

const transposed = (a: Matrix): Matrix => new Matrix(a.cols, a.rows, flipped(a.data, a.rows, a.cols));

const combine = (alpha: number, a: Matrix, beta: number, b: Matrix): Matrix =>
  new Matrix(
    a.rows,
    a.cols,
    a.data.map((x, i) => alpha * x + beta * (b.data[i] as number)),
  );

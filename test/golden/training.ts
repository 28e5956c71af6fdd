/** Training, evaluation and sampling of one trial in f64: the numbers that the engine must meet. */
import { mulHi, Purpose, randomWords, toUniform } from "../../daemon/engine/random/philox.ts";
import { BOS, forward, nllSum, type Token } from "./model.ts";
import { Optimizer } from "./optimizer.ts";
import type { Settings } from "./settings.ts";
import { type Matrix, Tape } from "./tape.ts";
import { initialWeights, type Weights } from "./weights.ts";

export interface StepResult {
  readonly lossNats: number;
  readonly gradNorm: number;
}

export interface Parts {
  readonly train: Uint8Array;
  readonly validation: Uint8Array;
}

/** Split `three-way`: the first 85 % and the 5 % that follow. */
export function threeWay(corpus: Uint8Array): Parts {
  const [first, second] = [Math.floor((corpus.length * 85) / 100), Math.floor((corpus.length * 90) / 100)];
  return { train: corpus.slice(0, first), validation: corpus.slice(first, second) };
}

/** Inputs of the targets text[from .. from+count]: each the byte before its target, BOS where the text begins. */
const inputsOf = (text: Uint8Array, from: number, count: number): Token[] =>
  Array.from({ length: count }, (_, t) => (from + t === 0 ? BOS : (text[from + t - 1] as number)));

/** First targets of the B windows of a step, uniform over the text. */
export function batchOrigins(s: Settings, textBytes: number, step: number): number[] {
  return Array.from({ length: s.batch }, (_, b) =>
    mulHi(randomWords(s.seed, Purpose.batch, step, b)[0], textBytes - s.context + 1),
  );
}

export class Training {
  readonly weights: Weights;
  readonly #s: Settings;
  readonly #parts: Parts;
  readonly #optimizer: Optimizer;
  #step = 0;

  constructor(s: Settings, parts: Parts) {
    this.#s = s;
    this.#parts = parts;
    this.weights = initialWeights(s);
    this.#optimizer = new Optimizer(s, this.weights);
  }

  /** One update. */
  step(): StepResult {
    for (const { values } of this.weights.values()) values.grad.fill(0);
    const lossNats = this.loss(true);
    return { lossNats, gradNorm: this.#optimizer.step(this.#step++) };
  }

  /** Mean cross-entropy of the next step's B windows in nats; on demand its gradient, added to the weights'. */
  loss(withGradient: boolean): number {
    const { train } = this.#parts;
    const step = this.#step;
    const tape = new Tape();
    const origins = batchOrigins(this.#s, train.length, step);
    const sums = origins.map((origin, sequence) => {
      const inputs = inputsOf(train, origin, this.#s.context);
      const logits = forward(tape, this.#s, this.weights, inputs, { step, sequence });
      return nllSum(tape, logits, [...train.slice(origin, origin + this.#s.context)]);
    });
    const total = sums.reduce((sum, x) => tape.add(sum, x));
    const loss = tape.scale(total, 1 / (this.#s.batch * this.#s.context));
    if (withGradient) tape.backward(loss);
    return loss.at(0, 0);
  }

  /**
   * Bits per byte of the validation part: windows of at most T inputs, each scoring the next `stride` bytes that
   * no window has scored, with all the context that fits in front of them.
   */
  validationBpb(stride: number): number {
    const text = this.#parts.validation;
    let nats = 0;
    for (let first = 0; first < text.length; first += stride) {
      const end = Math.min(first + stride, text.length);
      const origin = Math.max(0, first + stride - this.#s.context);
      const inputs = inputsOf(text, origin, end - origin);
      const targets = inputs.map((_, t) => (origin + t < first ? null : (text[origin + t] as number)));
      const tape = new Tape();
      nats += nllSum(tape, forward(tape, this.#s, this.#evaluated, inputs), targets).at(0, 0);
    }
    return nats / text.length / Math.LN2;
  }

  /** Logits [V] of the byte after `text`, which begins a text unless it fills the context. */
  nextLogits(text: readonly number[]): Float64Array {
    const inputs: Token[] = text.length < this.#s.context ? [BOS, ...text] : text.slice(-this.#s.context);
    const logits: Matrix = forward(new Tape(), this.#s, this.#evaluated, inputs);
    return logits.data.slice(-logits.cols);
  }

  /** Bytes drawn from softmax(logits / temperature) by the inverse of its distribution function. */
  sample(prompt: Uint8Array, count: number, temperature: number, seed: number): number[] {
    const text = [...prompt];
    for (let position = 0; position < count; position++) {
      const weights = this.nextLogits(text).map((z) => Math.exp(z / temperature));
      const total = weights.reduce((sum, x) => sum + x, 0);
      const uniform = toUniform(randomWords(seed, Purpose.sample, position, 0)[0]);
      let byte = 0;
      for (let below = weights[0] as number; below / total <= uniform; below += weights[byte] as number) byte++;
      text.push(byte);
    }
    return text.slice(prompt.length);
  }

  /** The moving average where there is one. */
  get #evaluated(): Weights {
    return this.#s.emaDecay === null ? this.weights : this.#optimizer.average;
  }
}

/** Evaluations that cheat without meaning to: mixtures that are none, models that see their target, bytes scored twice. */
import { windowCount } from "../../data/protocol.ts";
import type { Backend } from "../../engine/backend.ts";
import { BOS, evalWindows, UNSCORED } from "../../engine/kernels/data.ts";
import {
  type CausalInput,
  causalGate,
  coverageGate,
  normalisedGate,
  type Predicted,
} from "../../evidence/gates/evaluation.ts";
import { clean, plant, type SuiteCase } from "../../evidence/suite/suite.ts";
import { forwardOf } from "../forward.ts";
import { plainText } from "../text.ts";
import { tinyContext, trainTiny } from "../training.ts";

type Predict = (text: Uint8Array) => Promise<Float64Array[]>;

/** Each prediction of a short text, and of the text with one byte changed, for several places of the change. */
async function perturbed(predict: Predict): Promise<CausalInput> {
  const text = plainText(tinyContext, 3);
  const of = async (bytes: Uint8Array): Promise<Predicted> => ({ text: bytes, predictions: await predict(bytes) });
  const changed: Predicted[] = [];
  for (const at of [0, 5, text.length - 1]) changed.push(await of(text.with(at, (text[at] ?? 0) ^ 1)));
  return { original: await of(text), changed };
}

/** A model trained for some steps, on input tokens that `shift` makes of the text. */
async function modelOn(backend: Backend, tokensOf: (text: Uint8Array) => number[]): Promise<CausalInput> {
  const trial = { seed: 5, lr: 0.01 };
  const [run] = await trainTiny(backend, [trial], { steps: 20 });
  if (run === undefined) throw new RangeError("The model was not trained.");
  const forward = await forwardOf(backend, trial, run.snapshot);
  try {
    return await perturbed((text) => forward.predict(tokensOf(text)));
  } finally {
    await forward.dispose();
  }
}

/**
 * Mixture of n-gram counts of order 0 to 5 over the bytes before the target. @param weights of the orders, longest first
 * @param seesTarget counts the target before it is predicted
 */
function mixture(weights: readonly number[], seesTarget: boolean): Predict {
  return async (text) =>
    Array.from(text, (_, at) => {
      const end = seesTarget ? at + 1 : at;
      const total = new Float64Array(256);
      for (const [i, weight] of weights.entries()) {
        const order = Math.min(weights.length - 1 - i, at);
        const counts = new Float64Array(256).fill(1 / 256);
        for (let n = order; n < end; n++)
          if (sameContext(text, n, at, order)) counts[text[n] ?? 0] = (counts[text[n] ?? 0] ?? 0) + 1;
        const sum = counts.reduce((a, b) => a + b, 0);
        for (let byte = 0; byte < 256; byte++) total[byte] = (total[byte] ?? 0) + (weight * (counts[byte] ?? 0)) / sum;
      }
      return total;
    });
}

function sameContext(text: Uint8Array, a: number, b: number, order: number): boolean {
  for (let k = 1; k <= order; k++) if (text[a - k] !== text[b - k]) return false;
  return true;
}

const equalWeights = Array.from({ length: 6 }, () => 1 / 6);
/** The weights with which family `ngram` adds up embeddings: they sum to 1.86, so they are none of a mixture. */
const embeddingWeights = [0.7, 0.45, 0.3, 0.2, 0.13, 0.08];

interface Windows {
  readonly stride: number;
  /** Stride that the windows are counted with. */
  readonly countedStride: number;
  readonly time: number;
  /** Whether the cursor moves from batch to batch. */
  readonly advances: boolean;
}

/** How often the evaluation kernel scores each byte of a split whose bytes all differ. */
function scoredBy({ stride, countedStride, time, advances }: Windows): number[] {
  const [bytes, batch] = [200, 3];
  const corpus = new Uint32Array(bytes / 4);
  for (let i = 0; i < bytes; i++) corpus[i >>> 2] = ((corpus[i >>> 2] ?? 0) | (i << ((i & 3) * 8))) >>> 0;
  const scored = new Array<number>(bytes).fill(0);
  const batches = Math.ceil(windowCount(bytes, countedStride) / batch);
  for (let cursor = 0; cursor < batches; cursor++) {
    const buffers = {
      corpus,
      cursor: Uint32Array.of(advances ? cursor : 0, 0, 0, 0),
      tokens: new Uint32Array(batch * time),
      targets: new Uint32Array(batch * time),
    };
    evalWindows.reference(buffers, { batch, time, stride, start: 0, bytes });
    for (const target of buffers.targets) if (target !== UNSCORED) scored[target] = (scored[target] ?? 0) + 1;
  }
  return scored;
}

export function evaluationCases(backend: Backend): SuiteCase[] {
  const shifted = (text: Uint8Array) => [BOS, ...text.subarray(0, -1)];
  const sound: Windows = { stride: 4, countedStride: 4, time: 16, advances: true };
  const text = plainText(400, 4);
  return [
    plant(normalisedGate, "a mixture of n-grams with the weights of embeddings", /sum to 1\.86/, async () => ({
      predictions: await mixture(embeddingWeights, false)(text),
    })),
    plant(normalisedGate, "a mixture that lost a thousandth of its weight", /sum to 0\.99[89]/, async () => ({
      predictions: await mixture(equalWeights.with(0, 1 / 6 - 0.001), false)(text),
    })),
    clean(normalisedGate, "the same mixture with weights that sum to 1", async () => ({
      predictions: await mixture(equalWeights, false)(text),
    })),
    clean(normalisedGate, "a trained model's softmax", async () => {
      const { original } = await modelOn(backend, shifted);
      return { predictions: original.predictions };
    }),
    plant(causalGate, "a trained model whose input is not shifted by one byte", /it sees what it predicts/, () =>
      modelOn(backend, (bytes) => [...bytes]),
    ),
    plant(causalGate, "n-gram counts that hold the target", /it sees what it predicts/, () =>
      perturbed(mixture(equalWeights, true)),
    ),
    clean(causalGate, "the model with its input shifted", () => modelOn(backend, shifted)),
    clean(causalGate, "n-gram counts of what came before", () => perturbed(mixture(equalWeights, false))),
    plant(coverageGate, "a cursor that stays at the first batch", /the first at 0 \(17 times\)/, () => ({
      scored: scoredBy({ ...sound, advances: false }),
    })),
    plant(coverageGate, "strided windows counted as if they did not overlap", /\(0 times\)/, () => ({
      scored: scoredBy({ ...sound, countedStride: 16 }),
    })),
    plant(coverageGate, "a stride longer than the window", /\(0 times\)/, () => ({
      scored: scoredBy({ ...sound, stride: 20, countedStride: 20 }),
    })),
    clean(coverageGate, "strided windows", () => ({ scored: scoredBy(sound) })),
    clean(coverageGate, "chunked windows", () => ({ scored: scoredBy({ ...sound, stride: 16, countedStride: 16 }) })),
  ];
}

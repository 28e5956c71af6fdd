/** The models that figures are about. */
import { type TrialSpec, trialSpecSchema } from "../protocol/trial.ts";

/** 853k parameters: vocabulary 256, D 128, 4 layers, 4 heads, T 64, B 16, MLP 4x, AdamW. */
export const referenceSpec: TrialSpec = trialSpecSchema.parse({
  data: { corpus: "tinyshakespeare", split: "nanogpt", protocol: "chunked" },
  model: { layers: 4, width: 128, heads: 4, context: 64, mlp_mult: 4 },
  optimizer: { batch: 16 },
  schedule: { steps: 1000, warmup: 50 },
  levers: {},
  seed: 1,
});

/** A narrow model, D 64, for which a single run leaves a device idle. */
export const narrowSpec: TrialSpec = trialSpecSchema.parse({
  ...referenceSpec,
  model: { layers: 2, width: 64, heads: 2, context: 64, mlp_mult: 4 },
  optimizer: { batch: 8 },
});

/** Pseudo-random printable bytes: speed does not depend on the text, and no corpus need be there. */
export function benchCorpus(length = 200_000): Uint8Array {
  const bytes = new Uint8Array(length);
  let state = 1;
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    bytes[i] = 32 + ((state >>> 20) % 96);
  }
  return bytes;
}

/** Text from a trained model against the independent forward pass: logits, and the bytes drawn from them. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Backend } from "../../daemon/engine/backend.ts";
import { cpuBackend } from "../fixtures/backend.ts";
import { testCorpus } from "../fixtures/train.ts";
import { cases } from "./cases.ts";
import { engineRun, engineSample } from "./engine-run.ts";
import { readSettings } from "./settings.ts";
import { Training, threeWay } from "./training.ts";

const STEPS = 15;
const LOGIT = 1e-4;
/** More than the context of 12: texts that begin at BOS, and texts that fill the context. */
const BYTES = 16;

let backend: Backend;
beforeAll(async () => {
  backend = await cpuBackend(1);
});
afterAll(() => backend.dispose());

const sampled = [
  "AdamW, cosine, clipping, decay",
  "EMA, WSD",
  "SwiGLU, tied head, softcap, partial RoPE, learned QK gain",
] as const;

describe.each(sampled)("text of: %s", (name) => {
  const spec = cases[name];
  const training = new Training(readSettings(spec), threeWay(testCorpus));
  for (let step = 0; step < STEPS; step++) training.step();

  it.each(["", "need", "thread needle seed"])("begins with BOS while the context has room: %j", async (prompt) => {
    const { final } = await engineRun(backend, spec, STEPS, []);
    const text = new TextEncoder().encode(prompt);
    const options = { spec, snapshot: final, prompt: text, bytes: BYTES, temperature: 0.8, seed: 5 };
    const { bytes, logits } = await engineSample(backend, options);
    expect(logits).toHaveLength(BYTES);
    logits.forEach((actual, position) => {
      const expected = training.nextLogits([...text, ...bytes.slice(0, position)]);
      const worst = expected.reduce((most, z, i) => Math.max(most, Math.abs(z - (actual[i] as number))), 0);
      expect(worst, `byte ${position}`).toBeLessThan(LOGIT);
    });
    expect(bytes).toEqual(training.sample(text, BYTES, options.temperature, options.seed));
  });
});

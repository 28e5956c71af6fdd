/** The promises about lanes: alone, in any company, resumed or repeated, a trial's numbers are the same bits. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Backend } from "../../daemon/engine/backend.ts";
import type { TrialSpec } from "../../daemon/protocol/trial.ts";
import { Population } from "../../daemon/train/population.ts";
import { cpuBackend } from "../fixtures/backend.ts";
import { tinySpec } from "../fixtures/specs.ts";
import { testCorpus, testSplits, trainAlone, trainTogether } from "../fixtures/train.ts";

const STEPS = 12;
const model = { width: 24, heads: 3, context: 20, layers: 2 };
const levers = { muon: { lr: 0.02, momentum: 0.95 }, dropout: { rate: 0.2 }, ema: { decay: 0.9 }, "qk-norm": {} };

/** Five trials of one shape with everything different that a lane may have of its own. */
const specs: TrialSpec[] = [1, 2, 3, 4, 5].map((i) =>
  tinySpec({
    model,
    levers: { ...levers, muon: { lr: 0.005 * i, momentum: 0.9 + 0.01 * i }, ema: { decay: 0.9 + 0.01 * i } },
    seed: 1000 + i,
    optimizer: { batch: 3, lr: 0.002 * i, weight_decay: 0.05 * i, beta1: 0.8 + 0.02 * i, beta2: 0.9 + 0.01 * i },
    schedule: { steps: 10 + 3 * i, warmup: i },
  }),
);

let backend: Backend;
beforeAll(async () => {
  backend = await cpuBackend();
});
afterAll(() => backend.dispose());

describe("a lane", () => {
  it("is bit-identical alone and in a population of 5, in any order", async () => {
    const together = await trainTogether(backend, specs, STEPS);
    const reversed = (await trainTogether(backend, specs.toReversed(), STEPS)).reverse();
    for (const [i, spec] of specs.entries()) {
      const alone = await trainAlone(backend, spec, STEPS);
      for (const other of [together[i], reversed[i]]) {
        expect(other?.losses).toEqual(alone.losses);
        expect(other?.evaluation).toEqual(alone.evaluation);
        expect(other?.after).toEqual(alone.after);
      }
    }
    expect(new Set(together.map((run) => run.losses.join())).size).toBe(specs.length);
  });

  it("is bit-identical with one thread and with three", async () => {
    const spec = specs[2] as TrialSpec;
    const expected = await trainAlone(backend, spec, STEPS);
    for (const threads of [1, 3]) {
      const other = await cpuBackend(threads);
      const run = await trainAlone(other, spec, STEPS);
      await other.dispose();
      expect(run).toEqual(expected);
    }
  });

  it("continues bit-identically from a snapshot, in another lane and another company", async () => {
    const spec = specs[1] as TrialSpec;
    const expected = await trainAlone(backend, spec, STEPS);
    const first = await Population.create(backend, spec, testCorpus, testSplits, 1);
    await first.start(0, spec);
    await first.train(5, 1);
    const snapshot = await first.snapshot(0);
    await first.dispose();

    const second = await Population.create(backend, spec, testCorpus, testSplits, 3);
    await second.start(0, specs[0] as TrialSpec);
    await second.start(1, specs[4] as TrialSpec);
    await second.restore(2, spec, snapshot);
    await second.swap(0, 2);
    await second.train(STEPS - 5, 3);
    const losses = (await second.losses(0, STEPS, STEPS - 5)).map(({ lossNats }) => lossNats);
    expect(losses).toEqual(expected.losses.slice(5));
    expect(await second.snapshot(0)).toEqual(expected.after);
    await second.dispose();
  });

  it("is bit-identical whatever the chunks", async () => {
    const spec = specs[0] as TrialSpec;
    const expected = await trainAlone(backend, spec, STEPS);
    const population = await Population.create(backend, spec, testCorpus, testSplits, 1);
    await population.start(0, spec);
    for (const steps of [1, 4, 2, 5]) await population.train(steps, 1);
    expect(await population.snapshot(0)).toEqual(expected.after);
    await population.dispose();
  });
});

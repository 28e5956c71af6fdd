/** A trial that starts from given parameters: only they differ from a start with random numbers. */
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Backend } from "../../daemon/engine/backend.ts";
import { startFrom } from "../../daemon/train/initial-weights.ts";
import { type LaneSnapshot, Population } from "../../daemon/train/population.ts";
import { cpuBackend } from "../fixtures/backend.ts";
import { tinySpec } from "../fixtures/specs.ts";
import { testCorpus, testSplits } from "../fixtures/train.ts";

const spec = tinySpec({ levers: { muon: { lr: 0.02, momentum: 0.95 }, ema: { decay: 0.9 } }, seed: 3 });
let backend: Backend;
let trained: { snapshot: LaneSnapshot; fresh: LaneSnapshot };

beforeAll(async () => {
  backend = await cpuBackend();
  const population = await Population.create(backend, spec, testCorpus, testSplits, 1);
  await population.start(0, spec);
  const fresh = await population.snapshot(0);
  await population.train(30, 1);
  trained = { snapshot: await population.snapshot(0), fresh };
  await population.dispose();
});
afterAll(() => backend.dispose());

const start = (parameters: LaneSnapshot["parameters"]) =>
  startFrom({ backend, spec, corpus: testCorpus, splits: testSplits, parameters, now: () => performance.now() });

it("stands at step 0 with the given parameters, their average and an optimiser that knows nothing", async () => {
  const { snapshot, given, random } = await start(trained.snapshot.parameters);
  expect(snapshot.step).toBe(0);
  expect(snapshot.parameters).toEqual(trained.snapshot.parameters);
  for (const name of ["m", "v"]) {
    expect(trained.snapshot.optimizer.get(name)?.some((value) => value !== 0)).toBe(true);
    expect(snapshot.optimizer.get(name)?.every((value) => value === 0)).toBe(true);
  }
  expect(snapshot.optimizer.get("lane schedule")).toEqual(trained.fresh.optimizer.get("lane schedule"));
  expect(snapshot.optimizer.get("ema")).not.toEqual(trained.snapshot.optimizer.get("ema"));
  expect(given.valBpb).toBeLessThan(random.valBpb);
});

it("the random numbers that it is compared with are those of the seed", async () => {
  const { snapshot, given, random } = await start(trained.fresh.parameters);
  expect(given).toEqual(random);
  expect(snapshot).toEqual(trained.fresh);
});

it("parameters of another model never become random numbers", async () => {
  const some = new Map([...trained.fresh.parameters].slice(1));
  await expect(start(some)).rejects.toThrow(RangeError);
});

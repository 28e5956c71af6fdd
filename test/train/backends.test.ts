/** The same trial on both backends: same init, same batches, loss curves within a stated tolerance. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Backend } from "../../daemon/engine/backend.ts";
import type { LeverSettings } from "../../daemon/protocol/trial.ts";
import { cpuBackend } from "../fixtures/backend.ts";
import { tinySpec } from "../fixtures/specs.ts";
import { trainAlone, trainTogether } from "../fixtures/train.ts";
import { available, openTestBackend, titled } from "../webgpu/adapter.ts";

const STEPS = 50;
/** Nats per byte over 50 steps; f32 sums in another order drift apart slowly. */
const TOLERANCE_NATS = 2e-3;

const cases: [string, Record<string, LeverSettings>][] = [
  ["baseline", {}],
  ["muon, qk-norm, relu2, ema, dropout", { muon: {}, "qk-norm": {}, relu2: {}, ema: { decay: 0.9 }, dropout: {} }],
  [
    "swiglu, tied head, softcap, partial rope, qk-gain, wsd",
    { swiglu: {}, "tied-head": {}, softcap: {}, "partial-rope": {}, "qk-gain": {}, wsd: {} },
  ],
];

describe.skipIf(!available)(titled("webgpu against cpu"), () => {
  let webgpu: Backend;
  beforeAll(async () => {
    webgpu = await openTestBackend();
  });
  afterAll(() => webgpu.dispose());

  it.each(cases)("first 50 steps: %s", async (_, levers) => {
    const spec = tinySpec({
      model: { width: 32, heads: 2, context: 32, layers: 2 },
      optimizer: { batch: 4 },
      schedule: { steps: STEPS, warmup: 5 },
      levers,
    });
    const cpu = await cpuBackend();
    const expected = await trainAlone(cpu, spec, STEPS);
    await cpu.dispose();
    const [alone, , inLane] = [
      await trainAlone(webgpu, spec, STEPS),
      ...(await trainTogether(webgpu, [{ ...spec, seed: 99 }, spec, { ...spec, seed: 5 }], STEPS)).slice(0, 2),
    ];
    expect(inLane?.losses).toEqual(alone?.losses);
    expect(alone?.losses[0]).toBeCloseTo(expected.losses[0] as number, 5);
    const drift = Math.max(...expected.losses.map((loss, i) => Math.abs(loss - (alone?.losses[i] as number))));
    expect(drift).toBeLessThan(TOLERANCE_NATS);
    expect(alone?.evaluation.valBpb).toBeCloseTo(expected.evaluation.valBpb, 2);
  });
});

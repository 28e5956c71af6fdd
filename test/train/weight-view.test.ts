/** Exported and sampled weights are those that the evaluation scored. */
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Backend } from "../../daemon/engine/backend.ts";
import { resolveTrial } from "../../daemon/train/plan.ts";
import { evaluationWeights } from "../../daemon/train/weight-view.ts";
import { cpuBackend } from "../fixtures/backend.ts";
import { tinySpec } from "../fixtures/specs.ts";
import { trainAlone } from "../fixtures/train.ts";

let backend: Backend;
beforeAll(async () => {
  backend = await cpuBackend();
});
afterAll(() => backend.dispose());

it("are the trained ones without a moving average", async () => {
  const spec = tinySpec();
  const { after } = await trainAlone(backend, spec, 5);
  const view = evaluationWeights(resolveTrial(spec), after);
  expect(view).toEqual({ arena: "param", parameters: after.parameters });
});

it("are the moving average where there is one", async () => {
  const spec = tinySpec({ levers: { ema: { decay: 0.9 }, "tied-head": {} } });
  const { before, after } = await trainAlone(backend, spec, 1);
  const { arena, parameters } = evaluationWeights(resolveTrial(spec), after);
  expect(arena).toBe("ema");
  expect([...parameters.keys()]).toEqual([...after.parameters.keys()]);
  // After step 0 the decay is min(0.9, 1/10).
  for (const [name, { values }] of parameters) {
    const start = before.parameters.get(name)?.values as Float32Array;
    const end = after.parameters.get(name)?.values as Float32Array;
    values.forEach((x, i) => {
      expect(x, `${name}[${i}]`).toBeCloseTo(0.1 * (start[i] as number) + 0.9 * (end[i] as number), 6);
    });
  }
});

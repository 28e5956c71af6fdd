/** The judge is judged: the independent gradient against central differences of the independent loss. */
import { describe, expect, it } from "vitest";
import { testCorpus } from "../fixtures/train.ts";
import { cases } from "./cases.ts";
import { readSettings } from "./settings.ts";
import { Training, threeWay } from "./training.ts";

const H = 1e-5;
const PROBES = 5;

describe("the independent gradient", () => {
  it.each(Object.entries(cases))("is that of the loss: %s", (_, spec) => {
    const training = new Training(readSettings(spec), threeWay(testCorpus));
    // Away from the start, where gains are equal and logits nearly flat.
    for (let step = 0; step < 3; step++) training.step();
    for (const { values } of training.weights.values()) values.grad.fill(0);
    training.loss(true);
    for (const { name, values } of training.weights.values()) {
      const byStrength = [...values.grad.keys()].sort(
        (i, j) => Math.abs(values.grad[j] ?? 0) - Math.abs(values.grad[i] ?? 0),
      );
      for (const i of byStrength.slice(0, PROBES)) {
        const before = values.data[i] as number;
        const lossAt = (x: number): number => {
          values.data[i] = x;
          return training.loss(false);
        };
        const slope = (lossAt(before + H) - lossAt(before - H)) / (2 * H);
        values.data[i] = before;
        expect(Math.abs((values.grad[i] as number) - slope), `${name}[${i}]`).toBeLessThan(1e-7);
      }
    }
  });
});

/** The judge is judged: the independent gradient against central differences of the independent loss. */
import { describe, expect, it } from "vitest";
import { testCorpus } from "../fixtures/train.ts";
import { cases } from "./cases.ts";
import { readSettings } from "./settings.ts";
import { Training, threeWay } from "./training.ts";

const H = 1e-5;

describe("the independent gradient", () => {
  it.each(Object.entries(cases))("is the slope of the loss: %s", (_, spec) => {
    const training = new Training(readSettings(spec), threeWay(testCorpus));
    // Away from the start, where gains are equal and logits nearly flat.
    for (let step = 0; step < 3; step++) training.step();
    for (const { values } of training.weights.values()) values.grad.fill(0);
    training.loss(true);
    for (const { name, values } of training.weights.values()) {
      // Along a gradient of length g the loss has the slope g: one question about all elements of a weight.
      const length = Math.sqrt(values.grad.reduce((sum, g) => sum + g * g, 0));
      const start = values.data.slice();
      const lossAt = (distance: number): number => {
        values.data.set(start.map((x, i) => x + (distance * (values.grad[i] as number)) / length));
        return training.loss(false);
      };
      const slope = (lossAt(H) - lossAt(-H)) / (2 * H);
      values.data.set(start);
      expect(Math.abs(slope - length), name).toBeLessThan(1e-7);
    }
  });
});

/** Dropout on the output of each residual branch. */
import { z } from "zod";
import { dropout as drop } from "../engine/graph/ops/elementwise.ts";
import { keyDocs } from "../protocol/key-docs.ts";
import { defineLever } from "./lever.ts";

export const dropout = defineLever({
  id: "dropout",
  title: "Dropout",
  hypothesis: "On a text small enough to be memorised, dropping branch outputs lowers validation BPB.",
  source: "Srivastava et al. 2014",
  claimedDeltaBpb: null,
  falsifier: "Paired seeds at equal steps: the confidence interval of the gain includes zero or lies below it.",
  settings: z.strictObject({
    rate: z
      .number()
      .positive()
      .lt(1)
      .default(0.1)
      .register(keyDocs, { text: "Probability that an element is dropped." }),
  }),
  space: { rate: { choice: [0.05, 0.1, 0.2] } },
  hooks: ({ rate }) => ({
    residual: ({ g, state, layer }, branch, site) => drop(g, branch, state, rate, 2 * layer + (site === "mlp" ? 1 : 0)),
  }),
});

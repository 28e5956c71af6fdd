/** The head shares its matrix with the embedding. */
import { z } from "zod";
import { scale } from "../engine/graph/ops/elementwise.ts";
import { linear } from "../engine/graph/ops/linear.ts";
import { EMBEDDING, VOCAB } from "../model/attn.ts";
import { defineLever } from "./lever.ts";

export const tiedHead = defineLever({
  id: "tied-head",
  title: "Tied head",
  hypothesis: "One matrix for reading and writing bytes learns more from little text.",
  source: "Press & Wolf 2017 (arXiv 1608.05859)",
  claimedDeltaBpb: 0.019,
  falsifier: "Paired seeds at equal steps: the confidence interval excludes the claimed loss against an untied head.",
  group: "head",
  settings: z.strictObject({}),
  space: {},
  hooks: () => ({
    head({ g, spec, parameter }, x) {
      const table = parameter(EMBEDDING, [VOCAB, spec.width], "embedding", { kind: "normal", std: 0.5 });
      // The embedding's rows are of size 0.5 sqrt(D): scaled down, the first logits are near zero.
      return linear(g, scale(g, x, 1 / Math.sqrt(spec.width)), table, true);
    },
  }),
});

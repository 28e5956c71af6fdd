/** Evaluation with a moving average of the weights. */
import { z } from "zod";
import { keyDocs } from "../protocol/key-docs.ts";
import { defineLever } from "./lever.ts";

export const ema = defineLever({
  id: "ema",
  title: "Weight EMA",
  hypothesis: "Averaging the last weights removes gradient noise that a short decay cannot.",
  source: "Polyak & Juditsky 1992; Izmailov et al. 2018 (arXiv 1803.05407)",
  claimedDeltaBpb: -0.03,
  falsifier: "Paired seeds at equal steps and the same schedule: the upper limit of the gain lies below the claim.",
  settings: z.strictObject({
    decay: z
      .number()
      .min(0)
      .lt(1)
      .default(0.996)
      .register(keyDocs, { text: "Share of the average that is kept at each step." }),
  }),
  laneSettings: ["decay"],
  space: { decay: { choice: [0.99, 0.996, 0.999] } },
  hooks: ({ decay }) => ({ plan: (plan) => ({ ...plan, ema: { decay } }) }),
});

/** Warm-up, stable, decay: a constant learning rate with a short linear decay at the end. */
import { z } from "zod";
import { keyDocs } from "../protocol/key-docs.ts";
import { defineLever } from "./lever.ts";

export const wsd = defineLever({
  id: "wsd",
  title: "WSD schedule",
  hypothesis: "A constant rate with a short decay reaches a lower BPB than a cosine of the same length.",
  source: "Hu et al. 2024, MiniCPM (arXiv 2404.06395)",
  claimedDeltaBpb: -0.01,
  falsifier:
    "Paired seeds at equal steps and peak rate against cosine: the upper limit of the gain lies below the claim.",
  group: "schedule",
  settings: z.strictObject({
    decay_fraction: z
      .number()
      .positive()
      .max(1)
      .default(0.3)
      .register(keyDocs, { text: "Share of the schedule that decays." }),
  }),
  laneSettings: ["decay_fraction"],
  space: { decay_fraction: { choice: [0.1, 0.2, 0.3, 0.5] } },
  hooks: ({ decay_fraction }) => ({
    plan: (plan) => ({ ...plan, schedule: { ...plan.schedule, kind: "wsd", decay_fraction } }),
  }),
});

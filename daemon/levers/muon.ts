/** Muon on the hidden matrices, AdamW elsewhere. */
import { z } from "zod";
import { keyDocs } from "../protocol/key-docs.ts";
import { defineLever } from "./lever.ts";

export const muon = defineLever({
  id: "muon",
  title: "Muon",
  hypothesis: "Orthogonalised momentum makes better use of each step than AdamW's diagonal scaling.",
  source: "Jordan et al. 2024, Muon",
  claimedDeltaBpb: -0.05,
  falsifier:
    "Paired seeds at equal steps, each optimiser at its own best learning rate: the upper limit lies below the claim.",
  group: "optimizer",
  settings: z.strictObject({
    lr: z.number().positive().max(1).default(0.02).register(keyDocs, { text: "Peak learning rate of the matrices." }),
    momentum: z.number().min(0).lt(1).default(0.95).register(keyDocs, { text: "Momentum of the matrices' gradients." }),
  }),
  laneSettings: ["lr", "momentum"],
  space: { lr: { log: [0.005, 0.08] } },
  hooks: ({ lr, momentum }) => ({
    plan: (plan) => ({
      ...plan,
      optimizer: { ...plan.optimizer, name: "muon", muon_lr: lr, muon_momentum: momentum },
    }),
  }),
});

/** ReLU squared in the MLP. */
import { z } from "zod";
import { unary } from "../engine/graph/ops/elementwise.ts";
import { gatelessMlp } from "../model/attn.ts";
import { defineLever } from "./lever.ts";

export const relu2 = defineLever({
  id: "relu2",
  title: "ReLU²",
  hypothesis: "Squaring the ReLU sharpens the MLP's selectivity and lowers BPB at equal parameters and steps.",
  source: "So et al. 2021, Primer (arXiv 2109.08668)",
  claimedDeltaBpb: -0.01,
  falsifier: "Paired seeds at equal steps against ReLU: the gain's upper confidence limit lies below the claim.",
  group: "activation",
  settings: z.strictObject({}),
  space: {},
  hooks: () => ({ mlp: (at, x, hidden) => gatelessMlp(at, x, hidden, (h) => unary(at.g, h, "relu2")) }),
});

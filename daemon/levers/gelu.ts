/** GELU (tanh form) in the MLP. */
import { z } from "zod";
import { unary } from "../engine/graph/ops/elementwise.ts";
import { gatelessMlp } from "../model/attn.ts";
import { defineLever } from "./lever.ts";

export const gelu = defineLever({
  id: "gelu",
  title: "GELU",
  hypothesis: "A smooth activation trains better than ReLU at equal parameters and steps.",
  source: "Hendrycks & Gimpel 2016 (arXiv 1606.08415)",
  claimedDeltaBpb: -0.005,
  falsifier: "Paired seeds at equal steps against ReLU: the gain's upper confidence limit lies below the claim.",
  group: "activation",
  settings: z.strictObject({}),
  space: {},
  hooks: () => ({ mlp: (at, x, hidden) => gatelessMlp(at, x, hidden, (h) => unary(at.g, h, "gelu")) }),
});

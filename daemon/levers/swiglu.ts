/** SwiGLU: a gated MLP, W_out (silu(W_gate x) * W_in x). */
import { z } from "zod";
import { swiglu as gate } from "../engine/graph/ops/elementwise.ts";
import { linear } from "../engine/graph/ops/linear.ts";
import { residualScale } from "../model/attn.ts";
import { keyDocs } from "../protocol/key-docs.ts";
import { defineLever } from "./lever.ts";

/** Three matrices instead of two: 2/3 of the hidden width keeps the number of parameters. */
const EQUAL_PARAMETERS = 2 / 3;

export const swiglu = defineLever({
  id: "swiglu",
  title: "SwiGLU",
  hypothesis: "A multiplicative gate makes the MLP more expressive at equal parameters.",
  source: "Shazeer 2020 (arXiv 2002.05202)",
  claimedDeltaBpb: -0.01,
  falsifier:
    "Paired seeds at equal steps and parameters against ReLU: the upper limit of the gain lies below the claim.",
  group: "activation",
  settings: z.strictObject({
    hidden_fraction: z
      .number()
      .positive()
      .max(2)
      .default(EQUAL_PARAMETERS)
      .register(keyDocs, { text: "Hidden width relative to the plain MLP's; 2/3 keeps the parameter count." }),
  }),
  space: { hidden_fraction: { choice: [EQUAL_PARAMETERS, 1] } },
  hooks: ({ hidden_fraction }) => ({
    mlp(at, x, hidden) {
      const { g, spec, layer } = at;
      const width = Math.max(1, Math.round(hidden * hidden_fraction));
      const gated = linear(g, x, at.matrix(`layer${layer}.mlp.gate`, spec.width, width));
      const value = linear(g, x, at.matrix(`layer${layer}.mlp.in`, spec.width, width));
      const out = at.matrix(`layer${layer}.mlp.out`, width, spec.width, residualScale(spec.layers));
      return linear(g, gate(g, gated, value), out);
    },
  }),
});

/** RMSNorm of queries and keys per head, before rotation. */
import { z } from "zod";
import { rmsnorm, unitGain } from "../engine/graph/ops/norm.ts";
import { defineLever } from "./lever.ts";

export const qkNorm = defineLever({
  id: "qk-norm",
  title: "QK-norm",
  hypothesis: "Bounded attention logits allow larger learning rates and lower BPB.",
  source: "Henry et al. 2020 (arXiv 2010.04245); Dehghani et al. 2023 (arXiv 2302.05442)",
  claimedDeltaBpb: null,
  falsifier: "Paired seeds at equal steps: the confidence interval of the gain includes zero or lies below it.",
  settings: z.strictObject({}),
  space: {},
  hooks: () => ({
    queryKey({ g, spec }, { q, k }) {
      const gain = unitGain(g, spec.width / spec.heads);
      return { q: rmsnorm(g, q, gain), k: rmsnorm(g, k, gain) };
    },
  }),
});

/** Soft cap on the output logits: c tanh(z/c). */
import { z } from "zod";
import { unary } from "../engine/graph/ops/elementwise.ts";
import { keyDocs } from "../protocol/key-docs.ts";
import { defineLever } from "./lever.ts";

export const softcap = defineLever({
  id: "softcap",
  title: "Logit softcap",
  hypothesis: "Bounding the logits keeps a small model from over-confident bytes and lowers BPB.",
  source: "Gemma Team 2024, Gemma 2 (arXiv 2408.00118)",
  claimedDeltaBpb: -0.005,
  falsifier: "Paired seeds at equal steps: the upper limit of the gain lies below the claim.",
  settings: z.strictObject({
    cap: z.number().positive().max(1000).default(15).register(keyDocs, { text: "c: logits stay within (-c, c)." }),
  }),
  space: { cap: { choice: [10, 15, 30] } },
  hooks: ({ cap }) => ({ logits: ({ g }, logits) => unary(g, logits, "softcap", cap) }),
});

/** Rotary positions on the first dimensions of each head only. */
import { z } from "zod";
import { keyDocs } from "../protocol/key-docs.ts";
import { defineLever } from "./lever.ts";

export const partialRope = defineLever({
  id: "partial-rope",
  title: "Partial RoPE",
  hypothesis: "Heads that keep some dimensions free of position match content better.",
  source: "Black et al. 2022, GPT-NeoX-20B (arXiv 2204.06745)",
  claimedDeltaBpb: -0.002,
  falsifier: "Paired seeds at equal steps against full rotation: the upper limit of the gain lies below the claim.",
  settings: z.strictObject({
    fraction: z.number().positive().lt(1).default(0.25).register(keyDocs, {
      text: "Share of the head's dimensions that rotate; rounded down to an even number, at least 2.",
    }),
  }),
  space: { fraction: { choice: [0.25, 0.5, 0.75] } },
  hooks: ({ fraction }) => ({ rotary: (headDim) => Math.max(2, 2 * Math.floor((headDim * fraction) / 2)) }),
});

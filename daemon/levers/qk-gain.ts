/** A factor on the attention logits, learned per head or fixed. */
import { z } from "zod";
import { keyDocs } from "../protocol/key-docs.ts";
import { defineLever } from "./lever.ts";

const PHI = (1 + Math.sqrt(5)) / 2;

export const qkGain = defineLever({
  id: "qk-gain",
  title: "QK gain",
  hypothesis: "Starting attention sharper than 1/sqrt(head dimension) lowers BPB.",
  source: "Public small-model records state gains from -0.10 to +0.035 BPB for the same change",
  claimedDeltaBpb: -0.0024,
  falsifier: "Paired seeds at equal steps: the upper limit of the gain lies below the claim.",
  settings: z.strictObject({
    init: z
      .number()
      .positive()
      .max(16)
      .default(PHI ** 2)
      .register(keyDocs, { text: "Initial factor; phi^2 = 2.618 is the value most often claimed." }),
    learned: z
      .boolean()
      .default(true)
      .register(keyDocs, { text: "Learn one factor per head and layer; false keeps `init`." }),
  }),
  space: { init: { choice: [1.5, PHI ** 2, PHI ** 3, 5] } },
  hooks: ({ init, learned }) => ({
    attentionGain({ g, spec, layer, parameter }) {
      const { heads } = spec;
      if (learned)
        return parameter(`layer${layer}.attention.qk_gain`, [heads], "gain", { kind: "constant", value: init });
      return g.constant(`qk gain ${heads} ${init}`, [heads], () => new Float32Array(heads).fill(init));
    },
  }),
});

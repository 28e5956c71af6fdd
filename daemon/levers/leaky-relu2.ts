/** Leaky ReLU (slope 0.5) squared in the MLP. */
import { z } from "zod";
import { unary } from "../engine/graph/ops/elementwise.ts";
import { gatelessMlp } from "../model/attn.ts";
import { defineLever } from "./lever.ts";

export const leakyRelu2 = defineLever({
  id: "leaky-relu2",
  title: "Leaky ReLU²",
  hypothesis: "A squared ReLU that also passes negative inputs keeps a gradient in dead units and lowers BPB.",
  source: "Public speed-run reports on small language models; no paper",
  claimedDeltaBpb: -0.003,
  falsifier: "Paired seeds at equal steps against ReLU: the gain's upper confidence limit lies below the claim.",
  group: "activation",
  settings: z.strictObject({}),
  space: {},
  hooks: () => ({ mlp: (at, x, hidden) => gatelessMlp(at, x, hidden, (h) => unary(at.g, h, "leakyRelu2")) }),
});

import { z } from "zod";
import type { LeverCatalogue } from "../../../daemon/config/schema.ts";

/** Levers of the tests' own, so that a change of a real lever breaks no position here. */
export const catalogue: LeverCatalogue = new Map([
  ["softcap", { settings: z.strictObject({ cap: z.number().positive().max(1000).default(15) }) }],
  ["relu2", { settings: z.strictObject({}), group: "activation" }],
  [
    "swiglu",
    { settings: z.strictObject({ hidden_fraction: z.number().positive().max(2).default(1) }), group: "activation" },
  ],
  ["gelu", { settings: z.strictObject({}), group: "activation" }],
  [
    "muon",
    {
      settings: z.strictObject({ lr: z.number().positive().default(0.02), nesterov: z.boolean().default(true) }),
      laneSettings: ["lr"],
    },
  ],
  ["needy", { settings: z.strictObject({ size: z.number().int() }) }],
  [
    "band",
    {
      settings: z
        .strictObject({ low: z.number().default(0), high: z.number().default(1) })
        .refine(({ low, high }) => low < high, "low must lie below high"),
    },
  ],
]);

/** What is registered before a lever is put to the test: the claim, the arms, the seeds, the looks and the levels. */
import * as z from "zod";
import { hex } from "./registration.ts";

const bpb = z.number().min(0);
const seed = z.number().int().min(0).max(0xffffffff);

export const leverRegistrationSchema = z.strictObject({
  kind: z.literal("lever"),
  /** In words: what is believed, and what would refute it. */
  hypothesis: z.string().min(1),
  lever: z.string().min(1),
  /** Settings of the lever in the arm that has it. */
  settings: z.record(z.string(), z.union([z.number(), z.string(), z.boolean()])),
  metric: z.literal("val_bpb"),
  /** BPB by which the lever is said to lower the metric. */
  claim: bpb,
  /** Who says so. */
  claimSource: z.string().min(1),
  corpusSha256: hex(12, 64),
  split: z.string().min(1),
  protocol: z.string().min(1),
  /** Each seed trains both arms. */
  seeds: z
    .array(seed)
    .min(1)
    .refine((seeds) => new Set(seeds).size === seeds.length, "a seed is named twice"),
  /** Pairs that are in at each look; the last look has them all. */
  looks: z.array(z.number().int().positive()).min(1),
  spending: z.enum(["obrien-fleming", "pocock"]),
  /** Two-sided: half of it is for refuting the claim wrongly, half for a gain that is not there. */
  alpha: z.number().gt(0).lt(0.5),
  /** Probability with which a gain as large as the claim is to be found. */
  power: z.number().gt(0).lt(1),
  test: z.literal("paired-t"),
  stopRule: z.string().min(1),
  /** What is equal between the arms. */
  equal: z.enum(["steps", "flops", "time"]),
  steps: z.strictObject({ off: z.number().int().positive(), on: z.number().int().positive() }),
  /** SHA-256 of the arms' whole descriptions without seed and steps. */
  arms: z.strictObject({ off: hex(64, 64), on: hex(64, 64) }),
  /** Registrations on this lever and these arms, this one included: they share alpha (Bonferroni). */
  hypotheses: z.number().int().min(1),
  codeVersion: z.string().min(1),
  /** Milliseconds since 1970. */
  registeredAt: z.number().int().min(0),
  /** Id of the registration that this one replaces. */
  amends: hex(64, 64).nullable(),
});

export type LeverRegistration = z.infer<typeof leverRegistrationSchema>;

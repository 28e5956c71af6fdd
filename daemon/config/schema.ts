/**
 * The schema of a race file, `*.igla.toml`. Sections `[data] [model] [optimizer] [schedule]` are those of a trial
 * (protocol/trial.ts); this file adds `[race]`. `[levers.<name>]` follows the catalogue of levers, `[space.<path>]`
 * the schema of the key that the path names (space-section.ts).
 */
import { z } from "zod";
import { dataSchema, modelSchema, optimizerSchema, scheduleSchema } from "../protocol/trial.ts";
import { presetNames } from "../search/ladder.ts";
import { minThresholdBpb, minWarmupSteps } from "../search/prune.ts";

const count = z.number().int().positive();
const seed = z.number().int().min(0).max(0xffffffff);

/** `{ steps = 100, keep = "1/3" }`; the last rung keeps nothing. */
export const rungSchema = z.strictObject({
  steps: count,
  keep: z
    .string()
    .regex(/^\s*\d{1,7}\s*\/\s*\d{1,7}\s*$/)
    .describe('a fraction such as "1/3"')
    .optional(),
});

export const raceSchema = z.strictObject({
  /** Default: the file's name. */
  name: z.string().min(1).optional(),
  /** Of the sampler, and of the trials where `seeds` is absent. */
  seed: seed.default(1),
  /** Each configuration is trained once with each of these. Default: `[seed]`. */
  seeds: z.array(seed).min(1).max(1000).describe("a list of different whole numbers from 0 to 4294967295").optional(),
  sampler: z.enum(["random", "grid"]).default("random"),
  /** Configurations times seeds. Default: the whole grid, or 27 for the random sampler. */
  max_trials: count.max(1_000_000).optional(),
  /** Training steps over all trials. Default: no limit. */
  budget_steps: count.optional(),
  /** Default: `trinity`, where `rungs` is absent. */
  ladder: z.enum(presetNames).optional(),
  rungs: z
    .array(rungSchema)
    .min(1)
    .describe('a list of rungs such as { steps = 100, keep = "1/3" }, the last one without keep')
    .optional(),
  /** Trials that train together as lanes of one program. */
  lanes: z
    .union([z.literal("auto"), count.max(1024)])
    .describe('"auto" or a whole number from 1 to 1024')
    .default("auto"),
  /** INV-2. The bounds are checked with its own error. */
  prune_above_bpb: z.number().default(minThresholdBpb),
  prune_after_steps: z.number().int().default(minWarmupSteps),
  report_every_steps: count.max(100_000).default(20),
  checkpoint_every_sec: z.number().positive().default(30),
});

export const sectionSchemas = {
  data: dataSchema,
  model: modelSchema,
  optimizer: optimizerSchema,
  schedule: scheduleSchema,
  race: raceSchema,
} as const;
export type SectionName = keyof typeof sectionSchemas;
export const sectionNames = Object.keys(sectionSchemas) as SectionName[];

/** Sections whose keys a space may vary. Results on different data or by different protocols are not comparable. */
export const variableSections = ["model", "optimizer", "schedule"] as const satisfies readonly SectionName[];

/** What this layer needs to know of a lever. */
export interface CatalogueEntry {
  readonly settings: z.ZodObject;
  /** Levers of one group exclude each other. */
  readonly group?: string;
  /** Settings that are read per lane and so do not prevent packing trials together. */
  readonly laneSettings?: readonly string[];
}
export type LeverCatalogue = ReadonlyMap<string, CatalogueEntry>;

/** The fields of an object schema by name. */
export function fieldsOf(schema: z.ZodObject): Readonly<Record<string, z.ZodType>> {
  return schema.shape as Record<string, z.ZodType>;
}

/** Every valid dotted path of a file with these levers. */
export function validPaths(catalogue: LeverCatalogue): string[] {
  const ofSections = sectionNames.flatMap((name) =>
    Object.keys(sectionSchemas[name].shape).map((key) => `${name}.${key}`),
  );
  const ofLevers = [...catalogue].flatMap(([lever, { settings }]) => [
    `levers.${lever}`,
    ...Object.keys(settings.shape).map((key) => `levers.${lever}.${key}`),
  ]);
  return [...ofSections, ...ofLevers];
}

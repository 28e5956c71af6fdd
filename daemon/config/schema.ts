/**
 * The schema of a race file, `*.igla.toml`. Sections `[data] [model] [optimizer] [schedule]` are those of a trial
 * (protocol/trial.ts); this file adds `[race]` and `[invariants]`. `[levers.<name>]` follows the catalogue of levers, `[space.<path>]`
 * the schema of the key that the path names (space-section.ts).
 */
import { z } from "zod";
import { keyDocs } from "../protocol/key-docs.ts";
import { dataSchema, modelSchema, optimizerSchema, scheduleSchema } from "../protocol/trial.ts";
import { presetNames } from "../search/ladder.ts";
import { minThresholdBpb, minWarmupSteps } from "../search/prune.ts";

const count = z.number().int().positive();
const seed = z.number().int().min(0).max(0xffffffff);

/** `{ steps = 100, keep = "1/3" }`; the last rung keeps nothing. */
export const rungSchema = z.strictObject({
  steps: count.register(keyDocs, {
    text: "Completed training steps at which trials are evaluated and ranked; more than at the rung before.",
  }),
  keep: z
    .string()
    .regex(/^\s*\d{1,7}\s*\/\s*\d{1,7}\s*$/)
    .describe('a fraction such as "1/3"')
    .optional()
    .register(keyDocs, {
      text: "Share of the finished trials that may go on to the next rung.",
      absent: "the last rung, from which nothing goes on",
    }),
});

export const raceSchema = z.strictObject({
  name: z
    .string()
    .min(1)
    .optional()
    .register(keyDocs, { text: "What the race is called in views and reports.", absent: "the file's name" }),
  seed: seed.default(1).register(keyDocs, {
    text: "Seed of the sampler, and of the trials where `seeds` is absent. Same file and seed: same race.",
  }),
  seeds: z
    .array(seed)
    .min(1)
    .max(1000)
    .describe("a list of different whole numbers from 0 to 4294967295")
    .optional()
    .register(keyDocs, { text: "Each configuration is trained once with each of these.", absent: "`[seed]`" }),
  sampler: z
    .enum(["random", "grid"])
    .default("random")
    .register(keyDocs, {
      text: "How configurations are taken from the space.",
      values: { random: "independent draws", grid: "every combination; ranges need `points = n`" },
    }),
  max_trials: count.max(1_000_000).optional().register(keyDocs, {
    text: "Most trials of the race: configurations times seeds.",
    absent: "the whole grid, or 27 configurations of the random sampler",
  }),
  budget_steps: count
    .optional()
    .register(keyDocs, { text: "Training steps over all trials, after which no work is begun.", absent: "no limit" }),
  ladder: z
    .enum(presetNames)
    .optional()
    .register(keyDocs, {
      text: "A preset of rungs.",
      absent: "`trinity`, where `rungs` is absent",
      values: {
        trinity: "1000, 3000, 9000, 27000 steps, the best third goes on (1000 x 3^k)",
        hunt: "100, 500, 2000, 8000, 32000, 81000 steps, for hunting a seed",
      },
    }),
  rungs: z
    .array(rungSchema)
    .min(1)
    .describe('a list of rungs such as { steps = 100, keep = "1/3" }, the last one without keep')
    .optional()
    .register(keyDocs, {
      text: "The ladder: at each rung trials are ranked by validation BPB, and a share goes on to the next one.",
      absent: "the rungs of `ladder`",
    }),
  lanes: z
    .union([z.literal("auto"), count.max(1024)])
    .describe('"auto" or a whole number from 1 to 1024')
    .default("auto")
    .register(keyDocs, {
      text: "Trials of equal shapes that train together as lanes of one program.",
      values: { auto: "as many as the machine likes" },
    }),
  prune_above_bpb: z.number().default(minThresholdBpb).register(keyDocs, {
    text: "INV-2: a trial above this validation BPB is killed at a rung beyond `prune_after_steps`. At least 3.5.",
  }),
  prune_after_steps: z.number().int().default(minWarmupSteps).register(keyDocs, {
    text: "INV-2: no trial is killed at or before this step, for the beginning says little. At least 4000.",
  }),
  report_every_steps: count
    .max(100_000)
    .default(20)
    .register(keyDocs, { text: "Steps between two points of a training curve." }),
  checkpoint_every_sec: z
    .number()
    .positive()
    .default(30)
    .register(keyDocs, { text: "Seconds between two checkpoints: how much work a crash can cost." }),
});

/** A relative path that stays in its folder. */
const innerPath = /^(?![/\\]|[A-Za-z]:|\.\.?$|\.\.[/\\])(?!.*[/\\]\.\.(?:[/\\]|$)).+$/;

export const invariantsSchema = z.strictObject({
  require: z
    .enum(["none", "proven"])
    .default("none")
    .register(keyDocs, {
      text: "What must be proven before the race starts.",
      values: {
        none: "nothing: the status of each theorem is shown beside its check",
        proven: "every invariant that guards this race: Coq is asked, and the race starts only if it agrees",
      },
    }),
  file: z
    .string()
    .regex(innerPath)
    .describe("a relative path that does not leave its folder")
    .optional()
    .register(keyDocs, {
      text: "The assertion file whose runtime checks guard the race, relative to the race file or to the workspace.",
      absent: "`assertions/igla_assertions.json`, where there is one",
    }),
});

/** What each section of a race file is about. */
export const sectionDocs = {
  data: "The text, how it is divided, and how validation is scored.",
  model: "The shape of the model that all trials share, except for what the space varies.",
  optimizer: "How parameters are updated.",
  schedule: "The learning rate over the steps.",
  race: "How many configurations, how long, and which go on.",
  invariants: "Which assertion file guards the race, and what must be proven before it starts.",
  levers: "Techniques that are switched on: `[levers.NAME]` alone switches one on; an absent one is off.",
  space: "What varies between the configurations: a key, a lever, or a lever's setting.",
} as const;

export const sectionSchemas = {
  data: dataSchema,
  model: modelSchema,
  optimizer: optimizerSchema,
  schedule: scheduleSchema,
  race: raceSchema,
  invariants: invariantsSchema,
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

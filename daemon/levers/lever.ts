/**
 * A lever: a named technique that can be switched on in a race file (`[levers.<id>]`) and put to the test.
 * One lever is one file in this folder, listed in `registry.ts`; nothing else needs to know it.
 */
import type { z } from "zod";
import type { Hooks } from "../model/hooks.ts";
import type { SuggestedSpace } from "../protocol/key-docs.ts";
import type { ModelSpec } from "../protocol/trial.ts";

export interface Lever<S extends z.ZodObject = z.ZodObject> {
  /** Key in the race file. */
  readonly id: string;
  readonly title: string;
  /** Why it should help, as a statement that can turn out false. */
  readonly hypothesis: string;
  /** Paper or place where the claim comes from. */
  readonly source: string;
  /** Claimed change in BPB, negative is better; null where nobody states a number. */
  readonly claimedDeltaBpb: number | null;
  /** What would show that the lever does not do what it claims. */
  readonly falsifier: string;
  /** Levers of one group exclude each other. */
  readonly group?: string;
  readonly settings: S;
  /** Settings that are read per lane and so do not prevent packing trials together. */
  readonly laneSettings?: readonly (keyof z.infer<S> & string)[];
  readonly space: Partial<Record<keyof z.infer<S> & string, SuggestedSpace>>;
  /** @throws {RangeError} when the settings do not fit the model, saying what would */
  hooks(settings: z.infer<S>, model: ModelSpec): Hooks;
}

/** Identity with inference of the settings' type; the registry stores levers without it. */
export function defineLever<S extends z.ZodObject>(lever: Lever<S>): Lever {
  return lever as unknown as Lever;
}

/**
 * What the keys of a race file mean, in words: the one source for hover, completion and reference. The texts stand
 * beside the schemas in a registry of their own, so that a better sentence does not change the wire format.
 */
import * as z from "zod";

/** A range for the sampler, in the form of a race file's `[space.*]` entry. */
export type SuggestedSpace =
  | { readonly choice: readonly (number | string | boolean)[] }
  | { readonly uniform: readonly [number, number] }
  | { readonly log: readonly [number, number] }
  | { readonly int: readonly [number, number] };

export interface KeyDoc {
  /** Sentences. */
  readonly text: string;
  /** Meaning of each value of an enumeration. */
  readonly values?: Readonly<Record<string, string>>;
  /** What holds when the key is left out and the schema has no default. */
  readonly absent?: string;
  /** A range worth searching; a key without one is usually fixed. */
  readonly space?: SuggestedSpace;
}

/** `schema.register(keyDocs, { text: ... })` documents the field that holds `schema`. */
export const keyDocs = z.registry<KeyDoc>();

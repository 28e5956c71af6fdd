/** Whether a corpus is long enough for every context length that a race file asks for. */
import type { RaceConfig } from "../config/race-config.ts";
import { DataError } from "../data/error.ts";
import { type Splits, splitCorpus } from "../data/splits.ts";
import type { CorpusTag } from "../protocol/artifacts.ts";
import { fullDomain, gridPoints, gridValue } from "../search/samplers/space.ts";
import type { RaceFile } from "./race-file.ts";

const CONTEXT = "model.context";

/** @throws {DataError} `data.empty-corpus`, `data.split-too-short` naming the values that do not fit */
export function fittingSplits({ config, path }: RaceFile, tag: CorpusTag, use: "trial" | "race"): Splits {
  const { split } = config.base.data;
  const varied = use === "race" ? variedContexts(config) : [];
  if (varied.length === 0) return splitCorpus(tag, split, config.base.model.context);
  const shortest = Math.min(...varied);
  const failures = new Map<number, DataError>();
  for (const context of varied) {
    try {
      splitCorpus(tag, split, context);
    } catch (error) {
      if (!(error instanceof DataError) || error.code !== "data.split-too-short") throw error;
      failures.set(context, error);
    }
  }
  const [first] = failures.values();
  if (first === undefined) return splitCorpus(tag, split, shortest);
  const tooLong = [...failures.keys()].join(", ");
  throw new DataError(first.code, {
    place: `${path}, [space."${CONTEXT}"]`,
    message: `${first.message} It cannot be trained with these values of [space."${CONTEXT}"]: ${tooLong}.`,
    wayOut: `Leave them out of the space, or use a longer corpus. For the first one: ${first.wayOut}`,
  });
}

/** Context lengths that the space can give, in ascending order; none where it does not vary them. */
function variedContexts({ space, sampler }: RaceConfig): number[] {
  const dimension = space.find(({ path }) => path === CONTEXT);
  if (dimension === undefined) return [];
  const domain = sampler === "grid" ? dimension.domain : fullDomain(dimension.domain);
  const values = Array.from({ length: gridPoints(domain) ?? 0 }, (_, k) => gridValue(domain, k) as number);
  return values.sort((a, b) => a - b);
}

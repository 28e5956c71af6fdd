/** The text of an experiment: the one that its client has shown, or the one that races of the same file find. */
import { dirname } from "node:path";
import type { RaceConfig } from "../config/race-config.ts";
import { DataError } from "../data/error.ts";
import { assertNoLeak, measureLeaks } from "../data/leak-gate.ts";
import type { LocatedCorpus } from "../data/locate.ts";
import { readPinned } from "../data/pinned.ts";
import { type Splits, splitCorpus } from "../data/splits.ts";
import { type ErrorCode, IglaError } from "../protocol/errors.ts";
import type { CorpusPin } from "../protocol/events.ts";

/** @param corpus as the race file names it @param raceFolder absolute @throws {DataError} */
export type Locate = (corpus: string, raceFolder: string) => Promise<LocatedCorpus>;

export interface ExperimentCorpus {
  readonly located: LocatedCorpus;
  readonly splits: Splits;
}

/**
 * A text that nobody has pinned is measured for leaks; who pins one has done so.
 * @param path absolute path of the race file
 * @throws {IglaError} `corpus.changed`, `experiment.corpus`, `experiment.bad-design`
 */
export async function experimentCorpus(
  pin: CorpusPin | undefined,
  { base }: RaceConfig,
  path: string,
  locate: Locate,
): Promise<ExperimentCorpus> {
  const raceFolder = dirname(path);
  const located = await (pin === undefined
    ? locate(base.data.corpus, raceFolder).catch(told("experiment.corpus"))
    : readPinned(pin).catch(told("corpus.changed")));
  try {
    const splits = splitCorpus(located.tag, base.data.split, base.model.context);
    if (pin === undefined) assertNoLeak(located.tag.name, measureLeaks(located.bytes, splits));
    return { located, splits };
  } catch (error) {
    const isLeak = error instanceof DataError && error.code === "data.leak";
    return told(isLeak ? "experiment.corpus" : "experiment.bad-design")(error);
  }
}

/** What is wrong with a corpus, in the terms of the protocol. */
function told(code: ErrorCode): (error: unknown) => never {
  return (error) => {
    if (!(error instanceof DataError)) throw error;
    throw new IglaError(code, `${error.message} ${error.wayOut}`, null, { cause: error });
  };
}

/** `igla bench [train|population|kernels|quality|falsifier]`: this machine's figures, the ones that the README's table shows. */
import { benchFalsifier } from "../../bench/falsifier-bench.ts";
import { benchKernels } from "../../bench/kernel-bench.ts";
import { benchPopulation } from "../../bench/population-bench.ts";
import { benchQuality } from "../../bench/quality-bench.ts";
import { type BenchClock, benchTrain } from "../../bench/train-bench.ts";
import { DEFAULT_CORPUS } from "../../data/catalogue.ts";
import { locateCorpus } from "../../data/locate.ts";
import { findStandIn } from "../../data/stand-in.ts";
import { corpusLabel } from "../../data/tag.ts";
import type { Backend } from "../../engine/backend.ts";
import type { CliContext } from "../context.ts";
import { ExitCode } from "../exit-codes.ts";
import { falsifierLines } from "../render/falsifier.ts";
import { formatBytes, formatCount } from "../render/format.ts";
import { percent } from "../render/progress-bar.ts";
import type { Line } from "../render/text.ts";
import { withBackend } from "../with-backend.ts";

const benchNames = ["train", "population", "kernels", "quality", "falsifier"] as const;
export type BenchName = (typeof benchNames)[number];

export interface BenchOptions {
  readonly backend?: string;
  readonly json?: boolean;
}

/** These train for minutes and run only by name. */
const long: readonly BenchName[] = ["quality", "falsifier"];

/** Without a name: all but the long ones. */
export async function bench(
  context: CliContext,
  name: BenchName | undefined,
  options: BenchOptions,
): Promise<ExitCode> {
  const clock: BenchClock = { now: context.now, residentBytes: () => process.memoryUsage.rss() };
  const names = name === undefined ? benchNames.filter((each) => !long.includes(each)) : [name];
  await withBackend(options.backend, async (backend) => {
    const results: Record<string, unknown> = { backend: backend.info };
    if (!options.json) context.out.lines([backend.info.description]);
    for (const each of names) {
      const { result, lines } = await benches[each](backend, clock, context);
      results[each] = result;
      if (!options.json) context.out.lines([], ...lines);
    }
    if (options.json) context.out.json(results);
  });
  return ExitCode.ok;
}

type Bench = (backend: Backend, clock: BenchClock, context: CliContext) => Promise<{ result: unknown; lines: Line[] }>;

const benches: Readonly<Record<BenchName, Bench>> = {
  async train(backend, clock) {
    const result = await benchTrain(backend, clock);
    const { tokensPerSec, msPerStep, parameters, spread, setUpMs, bytesOnDevice, residentBytes } = result;
    const lines: Line[] = [
      [`train       ${formatCount(Math.round(tokensPerSec))} tokens/s, ${msPerStep.toFixed(1)} ms a step`],
      [`            ${formatCount(parameters)} parameters, first step after ${(setUpMs / 1000).toFixed(1)} s`],
      [`            ${formatBytes(bytesOnDevice)} for the program, ${formatBytes(residentBytes)} resident in all`],
      [`            slowest round ${spread.toFixed(2)} x the fastest`],
    ];
    return { result, lines };
  },
  async population(backend, clock) {
    const result = await benchPopulation(backend, clock);
    const { lanes, speedup, singleTokensPerSec, populationTokensPerSec, identical } = result;
    const lines: Line[] = [
      [
        `population  ${lanes} lanes take the time of ${(lanes / speedup).toFixed(2)} single runs: ${speedup.toFixed(2)} x`,
      ],
      [`            ${formatCount(Math.round(singleTokensPerSec))} tokens/s alone, `],
      [`            ${formatCount(Math.round(populationTokensPerSec))} tokens/s together`],
      [`            loss logs bit-identical: ${identical ? "yes" : "NO"}`],
    ];
    return { result, lines };
  },
  async kernels(backend, clock) {
    const result = await benchKernels(backend, clock);
    const lines: Line[] = result.map((row, i) => [
      `${i === 0 ? "matmul" : ""}`.padEnd(12),
      `${row.name.padEnd(18)} ${row.gflopPerSec.toFixed(1).padStart(8)} GFLOP/s`,
    ]);
    return { result, lines };
  },
  async quality(backend, clock, { env, platform, cwd, progress }) {
    const standInPath = findStandIn(import.meta.url);
    const corpus = await locateCorpus({ corpus: DEFAULT_CORPUS, raceFolder: cwd, env, platform, standInPath });
    const result = await benchQuality(backend, clock, corpus, (name, fraction) => {
      if (progress.isLive) progress.draw([[`${name} ${percent(Math.min(1, fraction))}`]]);
    });
    progress.close(false);
    const lines = result.map(
      ({ name, evaluation, trainTokens, parameters, elapsedSec }): Line => [
        `quality     ${evaluation.valBpb.toFixed(4)} BPB (${evaluation.protocol}, ${formatCount(evaluation.bytes)} bytes): `,
        `${name}, ${formatCount(parameters)} parameters, ${formatCount(trainTokens)} tokens, ${elapsedSec.toFixed(0)} s`,
      ],
    );
    return { result, lines: [[corpusLabel(corpus.tag)], ...lines] };
  },
  async falsifier(backend, _, { env, platform, cwd, progress }) {
    const standInPath = findStandIn(import.meta.url);
    const corpus = await locateCorpus({ corpus: DEFAULT_CORPUS, raceFolder: cwd, env, platform, standInPath });
    const result = await benchFalsifier(backend, corpus.bytes, (fraction) => {
      if (progress.isLive) progress.draw([[`recording the noise of seeds ${percent(fraction)}`]]);
    });
    progress.close(false);
    return { result, lines: [[corpusLabel(corpus.tag)], ...falsifierLines(result)] };
  },
};

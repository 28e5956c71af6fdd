/** Accelerators of training that mislead, measured on tiny models that are really trained. */
import type { Backend } from "../../engine/backend.ts";
import { uniformStream } from "../../engine/random/philox.ts";
import { type CurriculumInput, curriculumGate } from "../../evidence/gates/curriculum.ts";
import { coordinateGate } from "../../evidence/gates/mup.ts";
import { type ProxyInput, proxyGate } from "../../evidence/gates/proxy.ts";
import { clean, plant, type SuiteCase } from "../../evidence/suite/suite.ts";
import { coordinates } from "../coordinates.ts";
import { hardestOf } from "../text.ts";
import { type TinyCorpus, type TinyTrial, tinyCorpus, trainTiny } from "../training.ts";

const purpose = 104;

/**
 * Sixty learning rates, trained side by side. The proxy is the drop of the loss that one step promises at the start:
 * learning rate times gradient norm. It is right as long as steps are small.
 * @param high largest learning rate
 */
async function firstOrderProxy(backend: Backend, low: number, high: number): Promise<ProxyInput> {
  const uniform = uniformStream(1, purpose);
  const trials = Array.from({ length: 60 }, (_, seed): TinyTrial => {
    return { seed, lr: low * (high / low) ** uniform(), warmup: 0 };
  });
  const runs = await trainTiny(backend, trials, { steps: 40 });
  return {
    configs: runs.map(({ gradNorms, valBpb }, i) => ({
      proxy: (trials[i]?.lr ?? 0) * (gradNorms[0] ?? 0),
      parameters: 1,
      bpb: valBpb,
    })),
  };
}

/** Four widths, fifteen seeds each; a proxy that counts parameters and calls it by another name. */
async function countingProxy(backend: Backend): Promise<ProxyInput> {
  const configs: ProxyInput["configs"][number][] = [];
  for (const width of [8, 16, 24, 32]) {
    const trials = Array.from({ length: 15 }, (_, seed): TinyTrial => ({ seed, lr: 0.003, width }));
    for (const { valBpb, snapshot } of await trainTiny(backend, trials, { steps: 40 })) {
      const parameters = [...snapshot.parameters.values()].reduce((total, { values }) => total + values.length, 0);
      configs.push({ proxy: Math.log(parameters), parameters, bpb: valBpb });
    }
  }
  return { configs };
}

/**
 * Final BPB of 24 seeds on the whole text, and on the share of it that a curriculum keeps.
 * @param share of the training blocks that count as hard
 */
async function curriculum(backend: Backend, share: number): Promise<CurriculumInput> {
  const whole = tinyCorpus();
  const trials = Array.from({ length: 24 }, (_, seed): TinyTrial => ({ seed, lr: 0.01 }));
  const arm = async (corpus: TinyCorpus) => {
    const runs = await trainTiny(backend, trials, { steps: 100, corpus });
    return runs.map(({ valBpb }) => valBpb);
  };
  return { without: await arm(whole), with: await arm(hardestOf(whole, share)) };
}

export function trainingCases(backend: Backend): SuiteCase[] {
  return [
    plant(
      coordinateGate,
      "every width with the learning rate of the narrowest",
      /changes by [1-9]|changes by 0\.[1-9]/,
      () => coordinates(backend, "standard"),
    ),
    clean(coordinateGate, "hidden matrices and head with a learning rate of 1/width", () =>
      coordinates(backend, "mup"),
    ),
    plant(
      proxyGate,
      "learning rates at which the promised drop is highest and nothing is learned",
      /rho of the proxy/,
      () => firstOrderProxy(backend, 0.1, 100),
    ),
    plant(proxyGate, "a proxy that only counts parameters", /is (0\.\d+) on .* above \1, that/, () =>
      countingProxy(backend),
    ),
    clean(proxyGate, "the same proxy at small learning rates", () => firstOrderProxy(backend, 1e-5, 3e-3)),
    plant(
      curriculumGate,
      "a median that only rises: one block in a hundred is left",
      /variance over seeds is [1-9]/,
      () => curriculum(backend, 0.01),
    ),
    clean(curriculumGate, "the harder half of the text", () => curriculum(backend, 0.5)),
  ];
}

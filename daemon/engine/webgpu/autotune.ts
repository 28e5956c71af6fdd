/**
 * Chooses a matmul tile per shape and device by a short measurement. The choice changes speed only: all tiles
 * give the same bits (see matmul.ts), so it may differ between runs and between lane counts.
 */
import type { Params } from "../kernel.ts";
import type { KernelCall, Program } from "../program.ts";
import type { DeviceGuard } from "./device.ts";
import { type MatmulTile, matmulPass, tileName, tilesFor } from "./matmul.ts";
import { allocate } from "./memory.ts";
import { type DeviceProfile, get } from "./pass.ts";
import type { PipelineCache } from "./pipelines.ts";
import { bindSections, type Step } from "./steps.ts";

export interface TuneCache {
  get(key: string): string | undefined;
  set(key: string, value: string): void;
}

interface TunerParts {
  readonly guard: DeviceGuard;
  readonly pipelines: PipelineCache;
  readonly profile: DeviceProfile;
  /** Part of the cache key. */
  readonly device: string;
  readonly cache: TuneCache | undefined;
  readonly now: () => number;
  /** Tests force one tile for every shape. */
  readonly forced: MatmulTile | undefined;
}

/** A candidate runs this often per measurement; the best of the measurements counts. */
const RUNS = 8;
const MEASUREMENTS = 3;
/** Memory of a measurement stays small: more lanes than this are not told apart. */
const MAX_TUNED_LANES = 16;

/** Four-element loads need offsets that are multiples of 4; lanes start aligned (memory.ts). */
const isAligned = (call: KernelCall): boolean => Object.values(call.buffers).every(({ offset }) => offset % 4 === 0);

export class MatmulTuner {
  readonly #parts: TunerParts;
  readonly #chosen = new Map<string, MatmulTile>();

  constructor(parts: TunerParts) {
    this.#parts = parts;
  }

  /** Tiles of all matmul calls of a program that will run with up to `maxLanes` lanes. */
  async chooseAll(program: Program, maxLanes: number): Promise<(params: Params, call: KernelCall) => MatmulTile> {
    const lanes = Math.min(MAX_TUNED_LANES, 2 ** Math.ceil(Math.log2(maxLanes)));
    for (const call of Object.values(program.sections).flat()) {
      if (call.kernel !== "matmul") continue;
      const key = this.#key(call, lanes);
      if (!this.#chosen.has(key)) this.#chosen.set(key, await this.#choose(call, lanes, key));
    }
    return (_, call) => this.#chosen.get(this.#key(call, lanes)) as MatmulTile;
  }

  #key(call: KernelCall, lanes: number): string {
    const shape = ["m", "n", "k", "variant"].map((name) => get(call.params, name)).join(",");
    return `matmul ${shape} lanes ${lanes} aligned ${isAligned(call)} on ${this.#parts.device}`;
  }

  async #choose(call: KernelCall, lanes: number, key: string): Promise<MatmulTile> {
    const { forced, profile, cache } = this.#parts;
    if (forced) return forced;
    const candidates = tilesFor(call.params, profile, isAligned(call));
    const [only] = candidates;
    if (only && candidates.length === 1) return only;
    const cached = candidates.find((tile) => tileName(tile) === cache?.get(key));
    if (cached) return cached;
    const fastest = await this.#measure(call.params, candidates, lanes);
    cache?.set(key, tileName(fastest));
    return fastest;
  }

  async #measure(params: Params, candidates: readonly MatmulTile[], lanes: number): Promise<MatmulTile> {
    const { guard, pipelines } = this.#parts;
    const [m, n, k] = [get(params, "m"), get(params, "n"), get(params, "k")];
    const spec = (name: string, length: number) => ({ name, dtype: "f32", length, shared: false }) as const;
    const specs = [spec("a", m * k), spec("b", k * n), spec("c", m * n)];
    const buffers = await allocate(guard, specs, lanes);
    const views = Object.fromEntries(specs.map(({ name }, buffer) => [name, { buffer, offset: 0 }]));
    const call = { kernel: "matmul", buffers: views, params };
    const sections = new Map(
      candidates.map((tile) => [
        tileName(tile),
        [{ pass: matmulPass(params, tile), call, where: `autotune ${tileName(tile)}` }],
      ]),
    );
    const bound = await bindSections({ guard, pipelines, sections, buffers, scratch: undefined });
    try {
      let best: MatmulTile = candidates[0] as MatmulTile;
      let bestMs = Number.POSITIVE_INFINITY;
      for (const tile of candidates) {
        const [step] = bound.steps.get(tileName(tile)) ?? [];
        const elapsedMs = await this.#time(step as Step, lanes);
        if (elapsedMs < bestMs) [best, bestMs] = [tile, elapsedMs];
      }
      return best;
    } finally {
      bound.uniforms.destroy();
      for (const { gpu } of buffers) gpu.destroy();
    }
  }

  /** Best wall time of `RUNS` dispatches; the first measurement also compiles and is not counted. */
  async #time(step: Step, lanes: number): Promise<number> {
    const { guard, now } = this.#parts;
    let bestMs = Number.POSITIVE_INFINITY;
    for (let i = 0; i <= MEASUREMENTS; i++) {
      const start = now();
      await guard.scoped("autotune", () => {
        const encoder = guard.device.createCommandEncoder({ label: "autotune" });
        const pass = encoder.beginComputePass();
        pass.setPipeline(step.pipeline);
        pass.setBindGroup(0, step.bindGroup);
        for (let run = 0; run < RUNS; run++) pass.dispatchWorkgroups(step.x, step.y, lanes);
        pass.end();
        guard.device.queue.submit([encoder.finish()]);
      });
      await guard.until(guard.device.queue.onSubmittedWorkDone());
      if (i > 0) bestMs = Math.min(bestMs, now() - start);
    }
    return bestMs;
  }
}

/** The WebGPU backend: hand-written WGSL over Dawn. */
import type { Backend } from "../backend.ts";
import { EngineError } from "../error.ts";
import type { Program } from "../program.ts";
import { validateProgram } from "../validate.ts";
import { chooseAdapter, type FoundAdapter, findAdapters } from "./adapters.ts";
import { MatmulTuner, type TuneCache } from "./autotune.ts";
import { type DeviceGuard, openDevice, profileOf } from "./device.ts";
import { WebgpuExecutable } from "./executable.ts";
import type { MatmulTile } from "./matmul.ts";
import { allocate } from "./memory.ts";
import { Pace } from "./pace.ts";
import type { DeviceProfile } from "./pass.ts";
import { PipelineCache } from "./pipelines.ts";
import { bindSections, planSections, scratchLength } from "./steps.ts";

export interface WebgpuOptions {
  /** What `create([...])` of the npm package `webgpu` returns. */
  readonly gpu: GPU;
  /** Part of an adapter's name, vendor or driver; names software adapters too. */
  readonly adapter?: string;
  readonly allowSoftware?: boolean;
  /** Keeps autotune choices between processes. Choices change speed, never a bit of a result. */
  readonly cache?: TuneCache;
  /** Milliseconds, monotonic: paces submissions and times autotune candidates. */
  readonly now: () => number;
  /** Tests force workgroup memory on devices that have subgroups. */
  readonly reduce?: DeviceProfile["reduce"];
  /** Tests force one matmul tile for every shape. */
  readonly tile?: MatmulTile;
}

/** Lanes that fill a device with small models; a software rasteriser only amortises its dispatches. */
const PREFERRED_LANES = { hardware: 16, software: 4 } as const;
/** First guess of operations per millisecond, low on purpose: the first submission must not be long. */
const FIRST_WORK_PER_MS = { hardware: 5e7, software: 5e6 } as const;

/** @throws {EngineError} `engine.no-adapter`, naming what was found */
export async function createWebgpuBackend(options: WebgpuOptions): Promise<Backend> {
  const list = await findAdapters(options.gpu);
  const index = chooseAdapter(
    list.map(({ summary }) => summary),
    options,
  );
  const found = list[index] as FoundAdapter;
  const guard = await openDevice(found);
  return new WebgpuBackend(guard, found, options);
}

class WebgpuBackend implements Backend {
  readonly info: Backend["info"];
  readonly preferredLanes: number;
  readonly lost: Backend["lost"];
  readonly #guard: DeviceGuard;
  readonly #profile: DeviceProfile;
  readonly #pipelines: PipelineCache;
  readonly #tuner: MatmulTuner;
  readonly #pace: Pace;
  readonly #now: () => number;
  readonly #executables = new Set<WebgpuExecutable>();
  #disposed = false;

  constructor(guard: DeviceGuard, found: FoundAdapter, options: WebgpuOptions) {
    const { name, driver, type } = found.summary;
    const kind = type === "software" ? "software" : "hardware";
    this.info = {
      kind: "webgpu",
      description: driver.includes(name) ? driver : `${name} (${driver})`,
      software: kind === "software",
    };
    this.preferredLanes = PREFERRED_LANES[kind];
    this.lost = guard.lost;
    this.#guard = guard;
    this.#profile = profileOf(found, options.reduce);
    this.#pipelines = new PipelineCache(guard);
    this.#now = options.now;
    this.#pace = new Pace(FIRST_WORK_PER_MS[kind]);
    this.#tuner = new MatmulTuner({
      ...{ guard, pipelines: this.#pipelines, profile: this.#profile, device: this.info.description },
      ...{ cache: options.cache, now: options.now, forced: options.tile },
    });
  }

  async compile(program: Program, maxLanes: number): Promise<WebgpuExecutable> {
    if (this.#disposed) throw new EngineError("engine.disposed", "The backend was disposed.");
    validateProgram(program);
    const tile = await this.#tuner.chooseAll(program, maxLanes);
    const sections = planSections(program, { profile: this.#profile, tile });
    const length = scratchLength(sections);
    const scratchSpec = { name: "scratch", dtype: "f32", length, shared: false } as const;
    const specs = length > 0 ? [...program.buffers, scratchSpec] : program.buffers;
    const allocated = await allocate(this.#guard, specs, maxLanes);
    const buffers = allocated.slice(0, program.buffers.length);
    const scratch = allocated[program.buffers.length];
    try {
      const bound = await bindSections({ guard: this.#guard, pipelines: this.#pipelines, sections, buffers, scratch });
      const executable = new WebgpuExecutable({
        ...{ guard: this.#guard, pace: this.#pace, now: this.#now },
        ...{ maxLanes, buffers, scratch, bound },
        onDispose: (gone) => this.#executables.delete(gone),
      });
      this.#executables.add(executable);
      return executable;
    } catch (error) {
      for (const { gpu } of allocated) gpu.destroy();
      throw error;
    }
  }

  async dispose(): Promise<void> {
    if (this.#disposed) return;
    this.#disposed = true;
    for (const executable of this.#executables) await executable.dispose();
    this.#guard.close();
  }
}

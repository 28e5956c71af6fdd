/** Turns a program's calls into steps that only need to be encoded: pipeline, bind group, grid. */
import { EngineError } from "../error.ts";
import type { KernelCall, Program } from "../program.ts";
import { BufferUsage } from "./constants.ts";
import type { DeviceGuard } from "./device.ts";
import type { DeviceBuffer } from "./memory.ts";
import { type Pass, type PlanContext, SCRATCH } from "./pass.ts";
import type { PassPipeline, PipelineCache } from "./pipelines.ts";
import { planFor } from "./plans/registry.ts";

export interface Step {
  readonly pipeline: GPUComputePipeline;
  readonly bindGroup: GPUBindGroup;
  readonly x: number;
  readonly y: number;
  /** Work units of one lane. */
  readonly work: number;
}

/** A pass with the call that it came from. */
export interface PlannedPass {
  readonly pass: Pass;
  readonly call: KernelCall;
  /** Section, position and kernel, for messages. */
  readonly where: string;
}

/** Uniform blocks lie at multiples of this; every device accepts it as an offset. */
const UNIFORM_STEP = 256;

export function planSections(program: Program, context: PlanContext): Map<string, PlannedPass[]> {
  const sections = new Map<string, PlannedPass[]>();
  for (const [section, calls] of Object.entries(program.sections)) {
    const passes = calls.flatMap((call, i) =>
      planFor(call.kernel)(call.params, context, call).map((pass) => ({
        pass,
        call,
        where: `${section}[${i}] ${call.kernel} (${pass.shader})`,
      })),
    );
    sections.set(section, passes);
  }
  return sections;
}

export const scratchLength = (sections: ReadonlyMap<string, readonly PlannedPass[]>): number =>
  Math.max(0, ...[...sections.values()].flat().map(({ pass }) => pass.scratch));

interface BindOptions {
  readonly guard: DeviceGuard;
  readonly pipelines: PipelineCache;
  readonly sections: ReadonlyMap<string, readonly PlannedPass[]>;
  readonly buffers: readonly DeviceBuffer[];
  readonly scratch: DeviceBuffer | undefined;
}

export interface BoundSections {
  readonly steps: Map<string, Step[]>;
  readonly uniforms: GPUBuffer;
}

/** Makes pipelines, writes all uniform blocks into one buffer and creates every bind group. */
export async function bindSections(options: BindOptions): Promise<BoundSections> {
  const { guard, pipelines, sections } = options;
  const passes = [...sections.values()].flat();
  const ready = await readyPipelines(pipelines, passes);
  const uniforms = await guard.scoped("uniforms", () => writeUniforms(options, passes));
  const steps = await guard.scoped("bind groups", () => {
    const bound = new Map<string, Step[]>();
    let slot = 0;
    for (const [section, planned] of sections) {
      const made = planned.map((p) => bindStep(options, p, ready.get(p) as PassPipeline, uniforms, slot++));
      bound.set(section, made);
    }
    return bound;
  });
  return { steps, uniforms };
}

/** All pipelines, or the first error once the others have finished: a device must not go while it compiles. */
async function readyPipelines(
  cache: PipelineCache,
  passes: readonly PlannedPass[],
): Promise<Map<PlannedPass, PassPipeline>> {
  const settled = await Promise.allSettled(passes.map(({ pass }) => cache.get(pass)));
  const ready = new Map<PlannedPass, PassPipeline>();
  settled.forEach((result, i) => {
    if (result.status === "rejected") throw result.reason;
    ready.set(passes[i] as PlannedPass, result.value);
  });
  return ready;
}

function bufferOf(options: BindOptions, planned: PlannedPass, name: string): DeviceBuffer {
  const view = planned.call.buffers[name];
  const buffer = name === SCRATCH ? options.scratch : view && options.buffers[view.buffer];
  if (!buffer) throw new EngineError("engine.bad-view", `${planned.where}: buffer ${name} is not bound.`);
  return buffer;
}

/** Block of one pass: (offset, lane stride) of each buffer, then the pass's own words. */
function writeUniforms(options: BindOptions, passes: readonly PlannedPass[]): GPUBuffer {
  const { device } = options.guard;
  const words = new Uint32Array((Math.max(1, passes.length) * UNIFORM_STEP) / 4);
  passes.forEach((planned, slot) => {
    const views = planned.pass.buffers.flatMap((name) => [
      name === SCRATCH ? 0 : (planned.call.buffers[name]?.offset ?? 0),
      bufferOf(options, planned, name).stride,
    ]);
    words.set([...views, ...planned.pass.words], (slot * UNIFORM_STEP) / 4);
  });
  const usage = BufferUsage.UNIFORM | BufferUsage.COPY_DST;
  const gpu = device.createBuffer({ label: "uniforms", size: words.byteLength, usage });
  device.queue.writeBuffer(gpu, 0, words);
  return gpu;
}

function bindStep(
  options: BindOptions,
  planned: PlannedPass,
  ready: PassPipeline,
  uniforms: GPUBuffer,
  slot: number,
): Step {
  const { pass, where } = planned;
  const bound = pass.buffers.map((name) => bufferOf(options, planned, name));
  const written = bound.filter((_, i) => ready.writable[i]);
  if (new Set(written).size < written.length) {
    throw new EngineError("engine.bad-view", `${where}: two outputs lie in the same buffer.`);
  }
  const bindGroup = options.guard.device.createBindGroup({
    label: where,
    layout: ready.layout,
    entries: [
      { binding: 0, resource: { buffer: uniforms, offset: slot * UNIFORM_STEP, size: UNIFORM_STEP } },
      ...bound.map(({ gpu }, i) => ({ binding: i + 1, resource: { buffer: gpu } })),
    ],
  });
  const [x, y] = pass.grid;
  return { pipeline: ready.pipeline, bindGroup, x, y, work: pass.work };
}

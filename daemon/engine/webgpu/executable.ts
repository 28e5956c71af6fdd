/** A program on a device. */
import type { Executable } from "../backend.ts";
import { EngineError } from "../error.ts";
import type { HostArray } from "../program.ts";
import { BufferUsage, MAP_MODE_READ } from "./constants.ts";
import type { DeviceGuard } from "./device.ts";
import type { DeviceBuffer } from "./memory.ts";
import type { Pace } from "./pace.ts";
import type { BoundSections, Step } from "./steps.ts";

interface Parts {
  readonly guard: DeviceGuard;
  readonly pace: Pace;
  readonly now: () => number;
  readonly maxLanes: number;
  readonly buffers: readonly DeviceBuffer[];
  readonly scratch: DeviceBuffer | undefined;
  readonly bound: BoundSections;
  /** Called once the device memory is free. */
  readonly onDispose: (executable: WebgpuExecutable) => void;
}

/** Submissions on the device at a time: one runs while the next is being encoded. */
const IN_FLIGHT = 2;

export class WebgpuExecutable implements Executable {
  readonly maxLanes: number;
  readonly bytes: number;
  readonly #parts: Parts;
  /** Calls run one after the other, in the order in which they were made. */
  #tail: Promise<unknown> = Promise.resolve();
  #disposed = false;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.maxLanes = parts.maxLanes;
    this.bytes = [...parts.buffers, parts.scratch].reduce((sum, b) => sum + (b?.bytes ?? 0), parts.bound.uniforms.size);
  }

  run(section: string, repeat: number, lanes: number): Promise<void> {
    return this.#inOrder(async () => {
      const steps = this.#parts.bound.steps.get(section) ?? [];
      if (lanes < 1 || lanes > this.maxLanes) {
        throw new EngineError("engine.bad-shape", `${lanes} lanes were asked for; this program has ${this.maxLanes}.`);
      }
      if (steps.length > 0) await this.#submitAll(section, steps, repeat, lanes);
    });
  }

  write(buffer: number, lane: number, data: HostArray, offset = 0): Promise<void> {
    return this.#inOrder(async () => {
      const { gpu, at } = this.#range(buffer, lane, offset, data.length);
      const { queue } = this.#parts.guard.device;
      await this.#parts.guard.scoped(`write ${gpu.label}`, () =>
        queue.writeBuffer(gpu, at, data.buffer as ArrayBuffer, data.byteOffset, data.byteLength),
      );
    });
  }

  read(buffer: number, lane: number, offset = 0, length?: number): Promise<HostArray> {
    return this.#inOrder(async () => {
      const { guard, buffers } = this.#parts;
      const count = length ?? Math.max(0, (buffers[buffer]?.length ?? 0) - offset);
      const { gpu, at, dtype } = this.#range(buffer, lane, offset, count);
      const size = Math.max(4, count * 4);
      const staging = await guard.scoped(`read ${gpu.label}`, () => {
        const usage = BufferUsage.MAP_READ | BufferUsage.COPY_DST;
        const made = guard.device.createBuffer({ label: `read ${gpu.label}`, size, usage });
        const encoder = guard.device.createCommandEncoder();
        if (count > 0) encoder.copyBufferToBuffer(gpu, at, made, 0, count * 4);
        guard.device.queue.submit([encoder.finish()]);
        return made;
      });
      try {
        await guard.until(staging.mapAsync(MAP_MODE_READ));
        const copy = staging.getMappedRange().slice(0, count * 4);
        return dtype === "u32" ? new Uint32Array(copy) : new Float32Array(copy);
      } finally {
        staging.destroy();
      }
    });
  }

  async dispose(): Promise<void> {
    if (this.#disposed) return;
    this.#disposed = true;
    // Waits for the last call, whose caller hears of its failure.
    await this.#tail.catch(() => undefined);
    const { buffers, scratch, bound } = this.#parts;
    for (const { gpu } of buffers) gpu.destroy();
    scratch?.gpu.destroy();
    bound.uniforms.destroy();
    this.#parts.onDispose(this);
  }

  #inOrder<T>(task: () => Promise<T>): Promise<T> {
    if (this.#disposed) return Promise.reject(new EngineError("engine.disposed", "The program was disposed."));
    const next = this.#tail.then(task, task);
    this.#tail = next;
    return next;
  }

  #range(buffer: number, lane: number, offset: number, length: number) {
    const target = this.#parts.buffers[buffer];
    const lanes = target?.stride === 0 ? 1 : this.maxLanes;
    if (!target || lane < 0 || lane >= lanes || offset < 0 || offset + length > target.length) {
      const range = `elements ${offset}..${offset + length} of lane ${lane}`;
      throw new EngineError("engine.bad-view", `${range} lie outside buffer ${target?.name ?? buffer}.`);
    }
    return { gpu: target.gpu, dtype: target.dtype, at: 4 * (lane * target.stride + offset) };
  }

  async #submitAll(section: string, steps: readonly Step[], repeat: number, lanes: number): Promise<void> {
    const { guard, pace, now } = this.#parts;
    const total = steps.length * repeat;
    const running: Promise<void>[] = [];
    let idleSince = now();
    for (let at = 0; at < total; ) {
      if (running.length >= IN_FLIGHT) await running.shift();
      const { end, work } = chunk(steps, at, total, pace.budget / lanes);
      const from = at;
      const submittedAt = now();
      await guard.scoped(`section ${section}`, () => this.#submit(section, steps, from, end, lanes));
      const done = guard.until(guard.device.queue.onSubmittedWorkDone()).then(() => {
        const finishedAt = now();
        pace.record(work * lanes, finishedAt - Math.max(idleSince, submittedAt));
        idleSince = finishedAt;
      });
      // A failure is reported by whoever awaits it below; until then it is not unhandled.
      done.catch(() => undefined);
      running.push(done);
      at = end;
    }
    await Promise.all(running);
    guard.check();
  }

  #submit(section: string, steps: readonly Step[], from: number, end: number, lanes: number): void {
    const { device } = this.#parts.guard;
    const encoder = device.createCommandEncoder({ label: section });
    const pass = encoder.beginComputePass({ label: section });
    for (let i = from; i < end; i++) {
      const step = steps[i % steps.length] as Step;
      pass.setPipeline(step.pipeline);
      pass.setBindGroup(0, step.bindGroup);
      pass.dispatchWorkgroups(step.x, step.y, lanes);
    }
    pass.end();
    device.queue.submit([encoder.finish()]);
  }
}

/** The longest run of steps from `at` within the budget, at least one step. */
function chunk(steps: readonly Step[], at: number, total: number, budget: number): { end: number; work: number } {
  let end = at;
  let work = 0;
  while (end < total) {
    const next = (steps[end % steps.length] as Step).work;
    if (end > at && work + next > budget) break;
    work += next;
    end++;
  }
  return { end, work };
}

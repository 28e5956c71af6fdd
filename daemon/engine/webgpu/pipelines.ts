/** Compute pipelines and bind-group layouts of a device, each made once. */

import { SHADER_STAGE_COMPUTE } from "./constants.ts";
import type { DeviceGuard } from "./device.ts";
import type { Pass } from "./pass.ts";

export interface PassPipeline {
  readonly pipeline: GPUComputePipeline;
  readonly layout: GPUBindGroupLayout;
  /** Access of bindings 1, 2, ..., read from the shader's own declarations. */
  readonly writable: readonly boolean[];
}

export class PipelineCache {
  readonly #guard: DeviceGuard;
  readonly #pipelines = new Map<string, Promise<PassPipeline>>();
  readonly #layouts = new Map<string, GPUBindGroupLayout>();

  constructor(guard: DeviceGuard) {
    this.#guard = guard;
  }

  /** @throws {Error} with the shader's name when it does not compile */
  get(pass: Pass): Promise<PassPipeline> {
    const key = `${pass.shader} ${JSON.stringify(pass.constants)}`;
    const known = this.#pipelines.get(key);
    if (known) return known;
    const made = this.#build(pass);
    this.#pipelines.set(key, made);
    return made;
  }

  async #build(pass: Pass): Promise<PassPipeline> {
    const { device } = this.#guard;
    const writable = bindingAccess(pass.code);
    const layout = this.#layout(writable);
    const module = await this.#guard.scoped(`shader ${pass.shader}`, () =>
      device.createShaderModule({ label: pass.shader, code: pass.code }),
    );
    const created = device.createComputePipelineAsync({
      label: pass.shader,
      layout: device.createPipelineLayout({ bindGroupLayouts: [layout] }),
      compute: { module, entryPoint: "main", constants: { ...pass.constants } },
    });
    const pipeline = await this.#guard.until(created).catch((cause: unknown) => {
      this.#guard.check();
      throw new Error(`Shader ${pass.shader} does not compile: ${cause instanceof Error ? cause.message : cause}`, {
        cause,
      });
    });
    return { pipeline, layout, writable };
  }

  #layout(writable: readonly boolean[]): GPUBindGroupLayout {
    const key = writable.map((w) => (w ? "w" : "r")).join("");
    const known = this.#layouts.get(key);
    if (known) return known;
    const entry = (binding: number, type: GPUBufferBindingType): GPUBindGroupLayoutEntry => ({
      binding,
      visibility: SHADER_STAGE_COMPUTE,
      buffer: { type },
    });
    const layout = this.#guard.device.createBindGroupLayout({
      label: key,
      entries: [entry(0, "uniform"), ...writable.map((w, i) => entry(i + 1, w ? "storage" : "read-only-storage"))],
    });
    this.#layouts.set(key, layout);
    return layout;
  }
}

/** Access of bindings 1, 2, ... of group 0, in order. */
function bindingAccess(code: string): boolean[] {
  const declared = [...code.matchAll(/@binding\((\d+)\)\s+var<storage,\s*(read|read_write)>/g)];
  return declared.sort((a, b) => Number(a[1]) - Number(b[1])).map((match) => match[2] === "read_write");
}

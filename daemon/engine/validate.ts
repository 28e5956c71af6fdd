/** Checks that every call of a program names a known kernel and fits its buffers. Backends call it first. */
import { EngineError } from "./error.ts";
import { kernelNamed } from "./kernels/registry.ts";
import type { KernelCall, Program } from "./program.ts";

/** @throws {EngineError} `engine.unknown-kernel`, `engine.bad-view` */
export function validateProgram(program: Program): void {
  for (const [section, calls] of Object.entries(program.sections)) {
    calls.forEach((call, index) => {
      validateCall(program, call, `${section}[${index}] ${call.kernel}`);
    });
  }
}

function validateCall(program: Program, call: KernelCall, where: string): void {
  const def = kernelNamed(call.kernel);
  const sizes = def.size(call.params);
  for (const name of def.params) {
    if (!Number.isFinite(call.params[name])) fail(where, `parameter ${name} is ${call.params[name]}`);
  }
  const written = new Set<number>();
  const read = new Set<number>();
  for (const [name, buffer] of Object.entries(def.buffers)) {
    const view = call.buffers[name];
    const spec = view && program.buffers[view.buffer];
    if (!view || !spec) fail(where, `buffer ${name} is not bound`);
    if (spec.dtype !== buffer.dtype)
      fail(where, `buffer ${name} holds ${spec.dtype}, the kernel wants ${buffer.dtype}`);
    const need = view.offset + (sizes[name] as number);
    if (!Number.isInteger(view.offset) || view.offset < 0 || need > spec.length) {
      fail(where, `buffer ${name} (${spec.name}) has ${spec.length} elements, the call needs ${need}`);
    }
    if (buffer.access !== "read" && spec.shared)
      fail(where, `buffer ${name} (${spec.name}) is shared and cannot be written`);
    if (buffer.access === "read") read.add(view.buffer);
    else if (written.has(view.buffer)) fail(where, `buffer ${spec.name} is written twice`);
    else written.add(view.buffer);
  }
  for (const id of written) {
    // WebGPU forbids one buffer as both read-only and writable in a dispatch, whatever the ranges.
    if (read.has(id)) fail(where, `buffer ${program.buffers[id]?.name} is both read and written`);
  }
}

function fail(where: string, message: string): never {
  throw new EngineError("engine.bad-view", `${where}: ${message}.`);
}

/**
 * Groups consecutive calls that touch no common data (as far as one of them writes it) into stages: the items
 * of a stage run in any order, and workers meet only between stages.
 */
import { kernelNamed } from "../kernels/registry.ts";
import type { KernelCall } from "../program.ts";

interface Range {
  readonly buffer: number;
  readonly from: number;
  readonly to: number;
  readonly written: boolean;
}

export function groupStages(calls: readonly KernelCall[]): KernelCall[][] {
  const stages: KernelCall[][] = [];
  let open: Range[] = [];
  for (const call of calls) {
    const ranges = rangesOf(call);
    if (stages.length === 0 || ranges.some((a) => open.some((b) => conflict(a, b)))) {
      stages.push([]);
      open = [];
    }
    stages.at(-1)?.push(call);
    open.push(...ranges);
  }
  return stages;
}

function rangesOf(call: KernelCall): Range[] {
  const def = kernelNamed(call.kernel);
  const sizes = def.size(call.params);
  return Object.entries(call.buffers).map(([name, view]) => ({
    buffer: view.buffer,
    from: view.offset,
    to: view.offset + (sizes[name] as number),
    written: def.buffers[name]?.access !== "read",
  }));
}

function conflict(a: Range, b: Range): boolean {
  return (a.written || b.written) && a.buffer === b.buffer && a.from < b.to && b.from < a.to;
}

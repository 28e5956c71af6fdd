/**
 * Runs one kernel on a backend and compares it with the f64 reference. For every parameter set: within
 * tolerance, guard words around every view untouched, two runs bit-equal, and a lane among three bit-equal
 * to the same lane alone.
 */
import type { Backend, Executable } from "../../daemon/engine/backend.ts";
import type { KernelDef, NumericArray, Params } from "../../daemon/engine/kernel.ts";
import { kernelNamed } from "../../daemon/engine/kernels/registry.ts";
import type { HostArray, Program } from "../../daemon/engine/program.ts";
import { uniformStream } from "../../daemon/engine/random/philox.ts";
import { casesOf, type Uniform } from "./cases.ts";
import { firstDeviation, toleranceOf } from "./tolerance.ts";

const LANES = 3;
const GUARD_AFTER = 37;
/** Purpose of the test streams; outside the engine's own numbers. */
const TEST_PURPOSE = 0x7e57;

/** One buffer of the case: whole lane images (guard, view, guard) before the run. */
interface CaseBuffer {
  readonly name: string;
  readonly dtype: "f32" | "u32";
  readonly written: boolean;
  readonly shared: boolean;
  readonly offset: number;
  readonly size: number;
  readonly lanes: HostArray[];
}

interface KernelCase {
  readonly def: KernelDef;
  readonly params: Params;
  readonly buffers: readonly CaseBuffer[];
  readonly program: Program;
}

/**
 * Checks the definition's samples and `random` drawn parameter sets; `seed` fixes shapes and data.
 * @throws {Error} naming kernel, parameters, lane, buffer and element of the first failure.
 */
export async function checkKernel(
  backend: Backend,
  def: KernelDef,
  options: { random: number; seed: number },
): Promise<void> {
  const uniform = uniformStream(options.seed, TEST_PURPOSE, def.name.length);
  for (const params of casesOf(def, uniform, options.random)) await checkCase(backend, buildCase(def, params, uniform));
}

/** Outputs of all cases of a kernel, bit patterns: to compare two backends that must agree exactly. */
export async function kernelBits(
  backend: Backend,
  def: KernelDef,
  options: { random: number; seed: number },
): Promise<Uint32Array[]> {
  const uniform = uniformStream(options.seed, TEST_PURPOSE, def.name.length);
  const all: Uint32Array[] = [];
  for (const params of casesOf(def, uniform, options.random)) {
    const test = buildCase(def, params, uniform);
    const images = await runLanes(backend, test, [0, 1, 2]);
    for (const lane of images) all.push(...lane.map(bits));
  }
  return all;
}

function normal(uniform: Uniform): number {
  return Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
}

function buildCase(def: KernelDef, params: Params, uniform: Uniform): KernelCase {
  const sizes = def.size(params);
  // Results of another kernel that must fit the other inputs: computed per lane below, so never shared.
  const derived = def.name === "attention_backward" ? ["out", "lse"] : [];
  const buffers = Object.entries(def.buffers).map(([name, { dtype, access }]): CaseBuffer => {
    const size = sizes[name] as number;
    const offset = 1 + Math.floor(uniform() * 9);
    const shared = access === "read" && !derived.includes(name) && (name === "corpus" || uniform() < 0.25);
    const fill = def.fill?.[name];
    const lanes = Array.from({ length: shared ? 1 : LANES }, () => {
      const length = offset + size + GUARD_AFTER;
      const image = dtype === "f32" ? new Float32Array(length) : new Uint32Array(length);
      for (let i = 0; i < length; i++) image[i] = dtype === "f32" ? 1000 + i : 0xa5000000 + i;
      for (let i = 0; i < size; i++)
        image[offset + i] = fill ? fill(i, uniform, params) : dtype === "f32" ? normal(uniform) : 0;
      return image;
    });
    return { name, dtype, written: access !== "read", shared, offset, size, lanes };
  });
  const test = { def, params, buffers, program: oneCallProgram(def, params, buffers) };
  if (derived.length > 0) deriveFrom("attention", test);
  return test;
}

function oneCallProgram(def: KernelDef, params: Params, buffers: readonly CaseBuffer[]): Program {
  const views = buffers.map(({ name, offset }, buffer) => [name, { buffer, offset }] as const);
  return {
    buffers: buffers.map(({ name, dtype, shared, offset, size }) => ({
      name,
      dtype,
      shared,
      length: offset + size + GUARD_AFTER,
    })),
    sections: { main: [{ kernel: def.name, buffers: Object.fromEntries(views), params }] },
  };
}

/** f64 views of one lane, as the reference takes them. */
function referenceViews(test: KernelCase, lane: number): Record<string, Float64Array> {
  return Object.fromEntries(
    test.buffers.map(({ name, lanes, offset, size }) => {
      const image = lanes[lanes.length === 1 ? 0 : lane] as HostArray;
      return [name, Float64Array.from(image.subarray(offset, offset + size))];
    }),
  );
}

/** Replaces the outputs of `forward` among the inputs by what its reference computes from the others. */
function deriveFrom(forward: string, test: KernelCase): void {
  const def = kernelNamed(forward);
  for (let lane = 0; lane < LANES; lane++) {
    const views = referenceViews(test, lane);
    def.reference(views as Record<string, NumericArray>, test.params);
    for (const [name, { access }] of Object.entries(def.buffers)) {
      const buffer = test.buffers.find((candidate) => candidate.name === name);
      if (access !== "read" && buffer)
        (buffer.lanes[lane] as HostArray).set(views[name] as Float64Array, buffer.offset);
    }
  }
}

async function writeLanes(executable: Executable, test: KernelCase, lanes: readonly number[]): Promise<void> {
  for (const [index, buffer] of test.buffers.entries()) {
    if (buffer.shared) await executable.write(index, 0, buffer.lanes[0] as HostArray);
    else
      for (const [slot, lane] of lanes.entries()) await executable.write(index, slot, buffer.lanes[lane] as HostArray);
  }
}

async function readLanes(executable: Executable, test: KernelCase, lanes: number): Promise<HostArray[][]> {
  const images: HostArray[][] = [];
  for (let slot = 0; slot < lanes; slot++) {
    const lane: HostArray[] = [];
    for (const [index, buffer] of test.buffers.entries())
      lane.push(await executable.read(index, buffer.shared ? 0 : slot));
    images.push(lane);
  }
  return images;
}

/** Whole buffer images after one run, by slot and buffer. `again` runs a second time from the same data. */
async function runLanes(
  backend: Backend,
  test: KernelCase,
  lanes: readonly number[],
  again = false,
): Promise<HostArray[][]> {
  const executable = await backend.compile(test.program, lanes.length);
  try {
    await writeLanes(executable, test, lanes);
    await executable.run("main", 1, lanes.length);
    const first = await readLanes(executable, test, lanes.length);
    if (again) {
      await writeLanes(executable, test, lanes);
      await executable.run("main", 1, lanes.length);
      const second = await readLanes(executable, test, lanes.length);
      for (const slot of lanes.keys())
        compareBits(test, `lane ${slot}, second run`, second[slot] as HostArray[], first[slot] as HostArray[]);
    }
    return first;
  } finally {
    await executable.dispose();
  }
}

async function checkCase(backend: Backend, test: KernelCase): Promise<void> {
  const together = await runLanes(backend, test, [0, 1, 2], true);
  for (let lane = 0; lane < LANES; lane++) {
    checkLane(test, lane, together[lane] as HostArray[]);
    const [alone] = await runLanes(backend, test, [lane]);
    compareBits(
      test,
      `lane ${lane} of ${LANES} against the same lane alone`,
      together[lane] as HostArray[],
      alone as HostArray[],
    );
  }
}

function checkLane(test: KernelCase, lane: number, images: readonly HostArray[]): void {
  const want = referenceViews(test, lane);
  test.def.reference(want as Record<string, NumericArray>, test.params);
  test.buffers.forEach((buffer, index) => {
    const { name, offset, size } = buffer;
    const image = images[index] as HostArray;
    const before = buffer.lanes[buffer.shared ? 0 : lane] as HostArray;
    for (let i = 0; i < image.length; i++) {
      const inside = i >= offset && i < offset + size;
      if ((!inside || !buffer.written) && image[i] !== before[i]) {
        fail(
          test,
          `lane ${lane}: ${inside ? "read-only" : "guard"} word ${name}[${i - offset}] was overwritten with ${image[i]}`,
        );
      }
    }
    if (!buffer.written) return;
    const got = image.subarray(offset, offset + size);
    const expected = want[name] as Float64Array;
    const at =
      buffer.dtype === "u32"
        ? got.findIndex((value, i) => value !== expected[i])
        : firstDeviation(got, expected, toleranceOf(test.def.name));
    if (at >= 0) fail(test, `lane ${lane}: ${name}[${at}] is ${got[at]}, the reference says ${expected[at]}`);
  });
}

function bits(array: HostArray): Uint32Array {
  return new Uint32Array(array.buffer, array.byteOffset, array.length);
}

function compareBits(test: KernelCase, what: string, got: readonly HostArray[], want: readonly HostArray[]): void {
  test.buffers.forEach(({ name, offset }, index) => {
    const a = bits(got[index] as HostArray);
    const b = bits(want[index] as HostArray);
    const at = a.findIndex((word, i) => word !== b[i]);
    if (at >= 0)
      fail(test, `${what}: ${name}[${at - offset}] differs in its bits: ${got[index]?.[at]} and ${want[index]?.[at]}`);
  });
}

function fail(test: KernelCase, message: string): never {
  throw new Error(`${test.def.name} ${JSON.stringify(test.params)} ${message}.`);
}

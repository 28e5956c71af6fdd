/** What the backend promises beyond single kernels: splits, failures, messages. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Backend } from "../../daemon/engine/backend.ts";
import { planProgram } from "../../daemon/engine/graph/planner.ts";
import { LaneState } from "../../daemon/engine/kernels/lane.ts";
import type { KernelCall, Program } from "../../daemon/engine/program.ts";
import { available, openTestBackend, titled } from "./adapter.ts";

const N = 1500;

/** y <- 0.75 x + 0.5 y, x <- x + 0.25 y, step <- step + 1: every repetition depends on the one before. */
function recurrence(): Program {
  const view = (buffer: number) => ({ buffer, offset: 0 });
  const calls: KernelCall[] = [
    { kernel: "axpy", buffers: { x: view(0), y: view(1) }, params: { n: N, alpha: -0.3 } },
    { kernel: "axpy", buffers: { x: view(1), y: view(0) }, params: { n: N, alpha: 0.25 } },
    { kernel: "advance", buffers: { counter: view(2) }, params: {} },
  ];
  return {
    buffers: [
      { name: "x", dtype: "f32", length: N, shared: false },
      { name: "y", dtype: "f32", length: N, shared: false },
      { name: "state", dtype: "u32", length: LaneState.length, shared: false },
    ],
    sections: { main: calls },
  };
}

async function runRecurrence(backend: Backend, lanes: number, repeats: readonly number[]) {
  const executable = await backend.compile(recurrence(), lanes);
  for (let lane = 0; lane < lanes; lane++) {
    await executable.write(
      0,
      lane,
      Float32Array.from({ length: N }, (_, i) => Math.sin(i + lane)),
    );
    await executable.write(
      1,
      lane,
      Float32Array.from({ length: N }, (_, i) => Math.cos(i * 3 + lane)),
    );
  }
  for (const repeat of repeats) await executable.run("main", repeat, lanes);
  const results = [];
  for (let lane = 0; lane < lanes; lane++) {
    results.push([await executable.read(0, lane), await executable.read(1, lane), await executable.read(2, lane)]);
  }
  await executable.dispose();
  return results;
}

describe.skipIf(!available)(titled("webgpu backend"), () => {
  let backend: Backend;
  beforeAll(async () => {
    backend = await openTestBackend();
  });
  afterAll(() => backend.dispose());

  test("eight repetitions in one call equal eight calls", async () => {
    const together = await runRecurrence(backend, 2, [8]);
    const apart = await runRecurrence(backend, 2, [1, 1, 1, 1, 1, 1, 1, 1]);
    expect(together).toEqual(apart);
    expect(together[1]?.[2]?.[LaneState.step]).toBe(8);
  });

  describe("with a clock that makes every submission look slow, so that each holds one dispatch", () => {
    let clock = 0;
    let slow: Backend;
    beforeAll(async () => {
      slow = await openTestBackend({
        now: () => {
          clock += 1e6;
          return clock;
        },
      });
      // Until the pace has come down to single dispatches.
      await runRecurrence(slow, 1, new Array<number>(60).fill(1));
    });
    afterAll(() => slow.dispose());

    test("the pace of submissions changes no bit", async () => {
      expect(await runRecurrence(slow, 1, [3, 50])).toEqual(await runRecurrence(backend, 1, [53]));
    });

    test("calls made without waiting run in order", async () => {
      const executable = await slow.compile(recurrence(), 1);
      const pending = [
        executable.write(2, 0, Uint32Array.of(5, 0, 0, 0)),
        executable.run("main", 20, 1),
        executable.write(2, 0, Uint32Array.of(40, 0, 0, 0)),
        executable.run("main", 30, 1),
      ];
      expect((await executable.read(2, 0))[LaneState.step]).toBe(70);
      await Promise.all(pending);
      await executable.dispose();
    });
  });

  test("reads and writes outside a buffer are refused", async () => {
    const executable = await backend.compile(recurrence(), 2);
    const code = { code: "engine.bad-view" };
    await expect(executable.write(0, 0, new Float32Array(N + 1))).rejects.toMatchObject(code);
    await expect(executable.write(0, 2, new Float32Array(1))).rejects.toMatchObject(code);
    await expect(executable.read(0, 0, N - 1, 2)).rejects.toMatchObject(code);
    await expect(executable.read(9, 0)).rejects.toMatchObject(code);
    await expect(executable.run("main", 1, 3)).rejects.toMatchObject({ code: "engine.bad-shape" });
    await executable.dispose();
  });

  test("two outputs in one buffer are refused with the kernel's name", async () => {
    const view = (offset: number, buffer = 0) => ({ buffer, offset });
    const program: Program = {
      buffers: [
        { name: "in", dtype: "f32", length: 64, shared: false },
        { name: "out", dtype: "f32", length: 64, shared: false },
      ],
      sections: {
        main: [
          {
            kernel: "swiglu_backward",
            buffers: { a: view(0), b: view(8), dy: view(16), da: view(0, 1), db: view(8, 1) },
            params: { n: 8 },
          },
        ],
      },
    };
    await expect(backend.compile(program, 1)).rejects.toMatchObject({
      code: "engine.bad-view",
      message: expect.stringContaining("swiglu_backward"),
    });
  });

  test("a program that does not fit is refused before anything is allocated", async () => {
    const program: Program = {
      buffers: [{ name: "huge", dtype: "f32", length: 2 ** 34, shared: false }],
      sections: {},
    };
    await expect(backend.compile(program, 4)).rejects.toMatchObject({
      code: "engine.out-of-memory",
      message: expect.stringContaining("huge"),
    });
  });

  test("an empty section and no repetition do nothing", async () => {
    const { program } = planProgram({ main: [] }, 0);
    const executable = await backend.compile(program, 1);
    await executable.run("main", 3, 1);
    await executable.run("main", 0, 1);
    await executable.dispose();
  });

  test("disposed programs and backends say so", async () => {
    const other = await openTestBackend();
    const executable = await other.compile(recurrence(), 1);
    await executable.dispose();
    await expect(executable.run("main", 1, 1)).rejects.toMatchObject({ code: "engine.disposed" });
    await other.dispose();
    await expect(other.compile(recurrence(), 1)).rejects.toMatchObject({ code: "engine.disposed" });
  });
});

/** The harness must accept the reference itself rounded to f32, and must catch planted faults. */
import { describe, expect, test } from "vitest";
import type { Backend, Executable } from "../../daemon/engine/backend.ts";
import { kernelNamed, kernels } from "../../daemon/engine/kernels/registry.ts";
import type { HostArray } from "../../daemon/engine/program.ts";
import { createReferenceBackend } from "../../daemon/engine/reference/backend.ts";
import { checkKernel } from "./harness.ts";

type Reading = { readonly data: HostArray; readonly buffer: number; readonly lanes: number; readonly count: number };

/** The reference backend with every reading passed through `spoil`. */
function spoiledBackend(spoil: (reading: Reading) => void): Backend {
  const inner = createReferenceBackend();
  return {
    ...inner,
    compile: async (program, maxLanes) => {
      const executable = await inner.compile(program, maxLanes);
      let count = 0;
      const read: Executable["read"] = async (buffer, lane, offset, length) => {
        const data = await executable.read(buffer, lane, offset, length);
        spoil({ data, buffer, lanes: maxLanes, count: count++ });
        return data;
      };
      return {
        maxLanes,
        bytes: executable.bytes,
        run: executable.run.bind(executable),
        write: executable.write.bind(executable),
        read,
        dispose: executable.dispose.bind(executable),
      };
    },
  };
}

describe("the harness on the f64 reference", () => {
  for (const def of kernels.values()) {
    test(def.name, () => checkKernel(createReferenceBackend(), def, { random: 1, seed: 11 }));
  }
});

describe("the harness catches", () => {
  const axpy = kernelNamed("axpy");
  const run = (spoil: (reading: Reading) => void) => checkKernel(spoiledBackend(spoil), axpy, { random: 0, seed: 5 });

  test("a wrong value", async () => {
    await expect(
      run(({ data, buffer }) => {
        if (buffer === 1)
          for (let i = 0; i < data.length; i++) if ((data[i] as number) < 500) data[i] = (data[i] as number) + 1e-3;
      }),
    ).rejects.toThrow("the reference says");
  });

  test("a write behind a view", async () => {
    await expect(
      run(({ data }) => {
        data[data.length - 1] = 0;
      }),
    ).rejects.toThrow("guard word");
  });

  test("a second run that differs", async () => {
    await expect(
      run(({ data, count }) => {
        if (count >= 6) for (let i = 0; i < data.length; i++) data[i] = Math.fround((data[i] as number) * (1 + 2e-7));
      }),
    ).rejects.toThrow("second run");
  });

  test("a lane that depends on the lane count", async () => {
    await expect(
      run(({ data, lanes, buffer }) => {
        if (lanes === 1 && buffer === 1)
          for (let i = 0; i < data.length; i++) data[i] = Math.fround((data[i] as number) * (1 + 2e-7));
      }),
    ).rejects.toThrow("alone");
  });
});

/** Every kernel against its f64 reference, with subgroup and with workgroup reductions. */
import { afterAll, beforeAll, describe, test } from "vitest";
import type { Backend } from "../../daemon/engine/backend.ts";
import { kernels } from "../../daemon/engine/kernels/registry.ts";
import { checkKernel } from "../kernels/harness.ts";
import { available, openTestBackend, titled } from "./adapter.ts";

for (const reduce of ["subgroup", "workgroup"] as const) {
  describe.skipIf(!available)(titled(`webgpu kernels, ${reduce} reductions`), () => {
    let backend: Backend;
    beforeAll(async () => {
      // A device without one fixed subgroup size runs workgroup reductions in both groups. One tile for matmul:
      // the others are compared with it bit for bit in matmul.test.ts, and a rasteriser compiles them slowly.
      const tile = { kind: "workgroup", threads: 8, per: 4 } as const;
      backend = await openTestBackend(reduce === "workgroup" ? { reduce, tile } : {});
    });
    afterAll(() => backend.dispose());

    for (const def of kernels.values()) {
      // A rasteriser compiles attention anew for every head dimension.
      const random = def.family === "attention" ? 1 : 3;
      test(def.name, { timeout: 240_000 }, () => checkKernel(backend, def, { random, seed: 21 }));
    }
  });
}

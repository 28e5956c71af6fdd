/** Every kernel by name. Tests, backends and the documentation walk this list. */
import { EngineError } from "../error.ts";
import type { KernelDef } from "../kernel.ts";
import * as attention from "./attention.ts";
import * as data from "./data.ts";
import * as elementwise from "./elementwise.ts";
import * as embed from "./embed.ts";
import * as loss from "./loss.ts";
import * as matmul from "./matmul.ts";
import * as norm from "./norm.ts";
import * as optim from "./optim.ts";
import * as reduce from "./reduce.ts";

const isKernel = (value: unknown): value is KernelDef =>
  typeof value === "object" && value !== null && "reference" in value && "buffers" in value;

export const kernels: ReadonlyMap<string, KernelDef> = new Map(
  [data, embed, matmul, norm, elementwise, attention, loss, reduce, optim]
    .flatMap((module) => Object.values(module as Record<string, unknown>).filter(isKernel))
    .map((kernel) => [kernel.name, kernel]),
);

/** @throws {EngineError} `engine.unknown-kernel` */
export function kernelNamed(name: string): KernelDef {
  const kernel = kernels.get(name);
  if (!kernel) throw new EngineError("engine.unknown-kernel", `There is no kernel named "${name}".`);
  return kernel;
}

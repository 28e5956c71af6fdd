/** The plan of every kernel by its name. */
import { EngineError } from "../../error.ts";
import { matmulPlans } from "../matmul.ts";
import type { Plan } from "../pass.ts";
import { attentionPlans } from "./attention.ts";
import { dataPlans } from "./data.ts";
import { elementwisePlans } from "./elementwise.ts";
import { optimPlans } from "./optim.ts";
import { rowPlans } from "./rows.ts";

const plans: ReadonlyMap<string, Plan> = new Map(
  [dataPlans, elementwisePlans, rowPlans, attentionPlans, optimPlans, matmulPlans].flatMap((group) =>
    Object.entries(group),
  ),
);

/** @throws {EngineError} `engine.unknown-kernel` */
export function planFor(kernel: string): Plan {
  const plan = plans.get(kernel);
  if (!plan) throw new EngineError("engine.unknown-kernel", `The webgpu backend has no kernel named "${kernel}".`);
  return plan;
}

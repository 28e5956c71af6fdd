/** Every gate there is. The falsification suite asks for planted violations of each. */
import { banditGate } from "./bandit.ts";
import { bohbGate } from "./bohb.ts";
import { corpusGate, leakGate } from "./corpus.ts";
import { curriculumGate } from "./curriculum.ts";
import { causalGate, coverageGate, normalisedGate } from "./evaluation.ts";
import type { Gate } from "./gate.ts";
import { rowGates } from "./ledger-row.ts";
import { flagGate, gradientGate } from "./lever.ts";
import { coordinateGate } from "./mup.ts";
import { phiGridGate } from "./phi-grid.ts";
import { proxyGate } from "./proxy.ts";
import { surrogateGate } from "./surrogate.ts";

/** A gate by name: what it takes differs from gate to gate. */
export type NamedGate = Pick<Gate<never>, "id" | "title">;

export const allGates: readonly NamedGate[] = [
  coordinateGate,
  proxyGate,
  bohbGate,
  surrogateGate,
  phiGridGate,
  banditGate,
  curriculumGate,
  ...rowGates,
  leakGate,
  corpusGate,
  gradientGate,
  flagGate,
  normalisedGate,
  causalGate,
  coverageGate,
];

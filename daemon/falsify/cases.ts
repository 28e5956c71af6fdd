/** All cases of the falsification suite: planted violations and clean inputs, made by the project's own code. */
import type { Backend } from "../engine/backend.ts";
import type { SuiteCase } from "../evidence/suite/suite.ts";
import { corpusCases } from "./plants/corpus-plants.ts";
import { evaluationCases } from "./plants/evaluation-plants.ts";
import { leverCases } from "./plants/lever-plants.ts";
import { rowCases } from "./plants/row-plants.ts";
import { searchCases } from "./plants/search-plants.ts";
import { trainingCases } from "./plants/training-plants.ts";

export function suiteCases(backend: Backend): SuiteCase[] {
  return [
    ...trainingCases(backend),
    ...searchCases(),
    ...rowCases(),
    ...corpusCases(),
    ...leverCases(backend),
    ...evaluationCases(backend),
  ];
}

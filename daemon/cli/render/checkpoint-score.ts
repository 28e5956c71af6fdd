/** What a person sees of `igla gate checkpoint`. */
import type { PartScore } from "../../evidence/provenance/checkpoint-score.ts";
import { singleLine } from "./format.ts";
import { type Line, styled } from "./text.ts";

export interface AdvisedPart extends PartScore {
  /** How to supply what is missing; null: nothing is. */
  readonly supply: string | null;
}

export function scoreLines(
  file: string,
  sha256: string,
  score: number,
  isShipReady: boolean,
  parts: readonly AdvisedPart[],
): Line[] {
  const verdict = isShipReady ? styled("green", "ship-ready") : styled("yellow", "not ship-ready");
  return [
    ...parts.flatMap(({ part, points, outOf, missing, supply }): Line[] => [
      [styled(points === outOf ? "green" : "yellow", `${String(points).padStart(2)} of ${outOf}`), `  ${part}`],
      ...missing.map((one): Line => [`          ${singleLine(one)}`]),
      ...(supply === null ? [] : [[styled("dim", `          supply: ${supply}`)]]),
    ]),
    [`${score} of 100: `, verdict, `  ${file} `, styled("dim", sha256.slice(0, 12))],
  ];
}

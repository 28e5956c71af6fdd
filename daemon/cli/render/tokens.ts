/** One line on the bytes that a model sees for each of its parameters. */
import { formatRatio, type Zone } from "../../evidence/chinchilla.ts";
import type { TokenReport } from "../token-budget.ts";
import { type Line, styled } from "./text.ts";

const zones: Readonly<Record<Zone, string>> = {
  degeneration: "DEGENERATION (below 10)",
  plateau: "PLATEAU (below 20)",
  sound: "sound (20 or more)",
};

/** @param name of what is trained, where there are several */
export function tokenLine(tokens: TokenReport, name = ""): Line {
  const { ratio, zone, trainedTokens, uniqueTokens, repeatedTokens, isAdvisory, suggestedSteps, corpusTokens } = tokens;
  const seen = `${bytes(trainedTokens)} bytes, at most ${bytes(uniqueTokens)} unique, at least ${bytes(repeatedTokens)} repeated`;
  const advice = isAdvisory ? `; advice only, the text to train on has ${bytes(corpusTokens)}` : "";
  const more = zone === "sound" ? "" : `; ${bytes(suggestedSteps)} steps give 20`;
  const head = `${name}${formatRatio(ratio)} bytes a parameter: ${zones[zone]}`;
  return [styled(zone === "sound" ? "dim" : "yellow", head), styled("dim", `; ${seen}${advice}${more}`)];
}

const bytes = (count: number) => count.toLocaleString("en-US");

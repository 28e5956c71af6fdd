/** Edits of a claim that make it say what Coq says. */
import { meansProven } from "../../protocol/certainty.ts";
import type { Claim, Fix } from "../../protocol/invariant-report.ts";
import type { AssertionEntry, ClaimValue } from "../model.ts";
import type { StatusResult } from "../status.ts";

/** What Coq says, in the words and the kinds of value that the file uses. Two claims are set together. */
export function claimFixes({ claims, claimed }: AssertionEntry, { status, marks }: StatusResult): Fix[] {
  if (claimed === null || status === null) return [];
  const isProven = meansProven(status, marks);
  const word = isProven ? "Proven" : status === "Broken" ? "wip" : "Admitted";
  // A modest word beside the claim that is mended stays.
  const mended = claims.filter((one) => one === claimed || one.form !== "word" || isBold(one.claim));
  const edits = mended.flatMap((one) => {
    const newText = mendedText(one, word);
    return newText === null ? [] : [{ range: one.place.range, newText }];
  });
  const main = mendedText(claimed, word);
  if (main === null) return [];
  const why = status === "Broken" ? "the proof is broken" : "as Coq says";
  const shown = claimed.form === "word" ? `${JSON.parse(main)}, ${why}` : String(isProven);
  return [{ title: `Set the claim to ${shown}`, path: claimed.place.path, edits }];
}

function isBold(claim: Claim): boolean {
  return claim === "Proven" || claim === "Admitted";
}

/** A text stays a text, a flag a flag. Null: it says so already. */
function mendedText({ value, claim, form }: ClaimValue, word: "Proven" | "Admitted" | "wip"): string | null {
  if (form === "word") {
    const isShouted = value !== "" && value === value.toUpperCase();
    return claim === word ? null : JSON.stringify(isShouted ? word.toUpperCase() : word);
  }
  const isProven = word === "Proven";
  if ((claim === "Proven") === isProven) return null;
  return form === "flag" ? String(isProven) : JSON.stringify(String(isProven));
}

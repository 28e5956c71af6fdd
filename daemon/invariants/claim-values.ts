/** What an entry claims: `status` in words, `proof_qed` as a flag. Where both stand, the stronger one counts. */
import type { Node } from "jsonc-parser";
import type { Claim, Place } from "../protocol/invariant-report.ts";
import { kindOf } from "./assertion-shapes.ts";
import { claimOf } from "./claims.ts";
import type { AssertionSource, ClaimValue } from "./model.ts";

type Problem = AssertionSource["problems"][number];

interface ReadClaims {
  /** Strongest first. */
  readonly claims: readonly ClaimValue[];
  readonly problems: readonly Problem[];
}

const strength: Readonly<Record<Claim, number>> = { Proven: 3, Admitted: 2, open: 1, other: 1, none: 0 };

/** @param status, flag values of `status` and `proof_qed`; undefined where there is none */
export function readClaims(
  status: Node | undefined,
  flag: Node | undefined,
  placeOf: (node: Node) => Place,
): ReadClaims {
  const byWord = status === undefined ? nothing : fromStatus(status, placeOf(status));
  const byFlag = flag === undefined ? nothing : fromFlag(flag, placeOf(flag));
  const claims = [...byWord.claims, ...byFlag.claims].sort((a, b) => strength[b.claim] - strength[a.claim]);
  return { claims, problems: [...byWord.problems, ...byFlag.problems, ...disagreement(byWord, byFlag)] };
}

const nothing: ReadClaims = { claims: [], problems: [] };

function fromStatus(node: Node, place: Place): ReadClaims {
  const claim = claimIn(node, place);
  if (claim !== null) return { claims: [claim], problems: [] };
  const message = `status is ${kindOf(node)} and claims nothing; write a word, as "Proven", "Admitted" or "wip".`;
  return { claims: [], problems: [{ code: "unknown-status", message, place }] };
}

function fromFlag(node: Node, place: Place): ReadClaims {
  const claim = claimIn(node, place);
  if (claim === null || claim.claim === "other") {
    const written = claim === null ? kindOf(node) : JSON.stringify(claim.value);
    const message = `proof_qed is ${written} and claims nothing; write true or false.`;
    return { claims: [], problems: [{ code: "unknown-status", message, place }] };
  }
  if (claim.form === "flag") return { claims: [claim], problems: [] };
  const meant = claim.claim === "Proven";
  const message = `proof_qed is a text, ${JSON.stringify(claim.value)}; it is read as ${meant}. Write ${meant} without quotes.`;
  return { claims: [{ ...claim, form: "flag-text" }], problems: [{ code: "flag-as-text", message, place }] };
}

/** Null: neither a text nor a flag. */
function claimIn(node: Node, place: Place): ClaimValue | null {
  if (node.type !== "string" && node.type !== "boolean") return null;
  const value = String(node.value);
  const isFlag = /^\s*(true|false)\s*$/i.test(value);
  const form = node.type === "boolean" ? "flag" : isFlag ? "flag-text" : "word";
  return { value, place, form, claim: claimOf(value) };
}

/** Admitted and `false` fit together: neither says that the proof is whole. */
function disagreement({ claims: [word] }: ReadClaims, { claims: [flag] }: ReadClaims): Problem[] {
  if (word === undefined || flag === undefined || word.claim === "none" || flag.claim === "none") return [];
  if ((word.claim === "Proven") === (flag.claim === "Proven")) return [];
  const weaker = word.claim === "Proven" ? flag : word;
  const message = `status says ${JSON.stringify(word.value)}, proof_qed says ${flag.value}; the stronger claim counts.`;
  return [{ code: "claims-disagree", message, place: weaker.place }];
}

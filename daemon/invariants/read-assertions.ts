/**
 * Reads `igla_assertions.json` and every older shape of it, with exact positions: a list of invariants, a map from id to
 * invariant, or keys `inv1`, `inv2`, ... Unknown fields are kept by nobody touching them; broken JSON gives what can be
 * read and a problem for the rest. Never throws.
 */

import { getNodeValue, type Node } from "jsonc-parser";
import type { RuntimeCheck } from "../protocol/invariant-report.ts";
import { child, childOf, has, isAssertionName, isOwnReport, shapeOf } from "./assertion-shapes.ts";
import { withoutMark } from "./byte-order-mark.ts";
import { readClaims } from "./claim-values.ts";
import { rangesIn } from "./coq/positions.ts";
import { layoutOf, separatorAfter } from "./layout.ts";
import type { AssertionEntry, AssertionSource, ListEnd, Written } from "./model.ts";
import { parseJson } from "./parse-json.ts";
import { normalise, pathInProse } from "./paths.ts";

type Problem = AssertionSource["problems"][number];

/** Syntax errors of one file beyond this many help nobody. */
const maxProblems = 50;
/** Of an item of `admitted_theorems` that is an object. */
const nameKeys = ["name", "theorem"];
const descriptionKeys = ["description", "meaning", "statement", "claim", "summary"];

/** @returns null when the JSON is no file of invariants; a file whose name says that it is one is never null */
export function readAssertions(path: string, text: string): AssertionSource | null {
  const source = withoutMark(text);
  const { root, errors } = parseJson(source);
  const found = shapeOf(root, isAssertionName(path));
  if (found === null) return null;
  const reader = new Reader(path, source);
  for (const { message, offset, length } of errors.slice(0, maxProblems)) {
    reader.problems.push({ code: "json-syntax", message, place: reader.placeAt(offset, Math.max(length, 1)) });
  }
  if (found.fault !== null && errors.length === 0) {
    reader.problems.push({ code: "no-invariants", message: found.fault, place: reader.placeAt(found.offset, 1) });
  }
  const entries = found.nodes.map(({ node, key }) => reader.entry(node, key));
  const last = found.nodes.at(-1)?.node;
  const layout = last === undefined ? null : reader.layout(last, found.shape);
  const budget = reader.budget(root);
  return { path, text, shape: found.shape, entries, layout, budget, problems: reader.problems };
}

/** Whether the text is a document that `igla invariants check --json` wrote. */
export function isCheckReport(text: string): boolean {
  return isOwnReport(parseJson(withoutMark(text)).root);
}

/** What stands for an assertion file that is there and was not read. @param why a sentence that names the path */
export function unreadAssertions(path: string, why: string): AssertionSource {
  const start = { line: 0, character: 0 };
  const message = `${why}, so none of its claims was checked.`;
  const problem = { code: "assertions-not-read", message, place: { path, range: { start, end: start } } };
  return { path, text: "", shape: "list", entries: [], layout: null, budget: null, problems: [problem] };
}

class Reader {
  readonly problems: Problem[] = [];
  readonly #path: string;
  readonly #text: string;
  readonly #rangeOf: ReturnType<typeof rangesIn>;

  constructor(path: string, text: string) {
    this.#path = path;
    this.#text = text;
    this.#rangeOf = rangesIn(text);
  }

  placeAt(offset: number, length: number) {
    return { path: this.#path, range: this.#rangeOf(offset, offset + length) };
  }

  entry(node: Node, key: Node | null): AssertionEntry {
    const idNode = childOf(node, ["id"]) ?? key ?? node;
    const coqFile = this.#string(childOf(node, ["coq_file", "file"]));
    const theoremKeys = has(node, "coq_theorem") || has(node, "theorem") || !has(node, "proof_qed");
    const theorem = this.#string(childOf(node, theoremKeys ? ["coq_theorem", "theorem"] : ["name"]));
    const claims = this.#claims(node);
    const [claimed = null] = claims;
    const admitted = childOf(node, ["admitted_theorems"]);
    return {
      id: { value: idNode === node ? "(no id)" : text(idNode), place: this.#place(idNode) },
      name: text(childOf(node, ["name", "title"])),
      description: text(childOf(node, descriptionKeys)),
      place: this.#place(node),
      theorem,
      coqFile,
      coqPath: coqFile === null ? null : this.#coqPath(coqFile),
      claim: claimed?.claim ?? "none",
      claimed,
      claims,
      admittedTheorems: (admitted?.type === "array" ? (admitted.children ?? []) : []).flatMap((item) => {
        // Older files hold objects with a name.
        const written = this.#string(item.type === "object" ? childOf(item, nameKeys) : item);
        return written === null ? [] : [written];
      }),
      admittedEnd: admitted?.type === "array" ? this.#listEnd(admitted) : null,
      admittedCount: this.#number(childOf(node, ["admitted_count"])),
      qedCount: this.#number(childOf(node, ["qed_count"])),
      runtimeCheck: runtimeCheck(childOf(node, ["runtime_check"])),
      numbers: Object.fromEntries(["numeric_anchor", "bands"].flatMap((key) => numbersIn(childOf(node, [key]), ""))),
    };
  }

  layout(entry: Node, shape: AssertionSource["shape"]): AssertionSource["layout"] {
    const part = shape === "list" ? entry : (entry.parent ?? entry);
    return { ...layoutOf(this.#text, entry), separator: separatorAfter(this.#text, part) };
  }

  #listEnd(list: Node): ListEnd {
    const last = list.children?.at(-1);
    if (last === undefined) return { place: this.#place(list), before: "[", after: "]", item: null };
    const key = nameKeys.find((one) => has(last, one)) ?? "name";
    const item = last.type === "object" ? { key, layout: layoutOf(this.#text, last) } : null;
    const place = this.placeAt(last.offset + last.length, 0);
    return { place, before: separatorAfter(this.#text, last), after: "", item };
  }

  budget(root: Node | undefined): AssertionSource["budget"] {
    const holder = child(child(root, "_metadata"), "admitted_budget") ?? child(root, "admitted_budget");
    if (holder?.type === "number") return { max: this.#number(holder), used: null };
    if (holder?.type !== "object") return null;
    return { max: this.#number(childOf(holder, ["max", "limit"])), used: this.#number(childOf(holder, ["used"])) };
  }

  #claims(node: Node): AssertionEntry["claims"] {
    const [status, flag] = [childOf(node, ["status"]), childOf(node, ["proof_qed"])];
    const { claims, problems } = readClaims(status, flag, (value) => this.#place(value));
    this.problems.push(...problems);
    return claims;
  }

  #coqPath({ value, place }: Written<string>): string | null {
    const found = pathInProse(value);
    if (found === null) {
      this.problems.push({ code: "path-unreadable", message: `"${value}" names no .v file.`, place });
      return null;
    }
    const path = normalise(found.path);
    if (path === null) {
      const message = `${found.path} is not inside of this folder; write a path relative to it.`;
      this.problems.push({ code: "path-outside", message, place });
    } else if (found.prose) {
      const message = `A path should stand alone; ${found.path} is read out of the prose around it.`;
      this.problems.push({ code: "path-with-prose", message, place });
    }
    return path;
  }

  #place({ offset, length }: Node) {
    return this.placeAt(offset, length);
  }

  #string(node: Node | undefined): Written<string> | null {
    return node?.type === "string" ? { value: String(node.value), place: this.#place(node) } : null;
  }

  #number(node: Node | undefined): Written<number> | null {
    return node?.type === "number" ? { value: Number(node.value), place: this.#place(node) } : null;
  }
}

function text(node: Node | undefined): string {
  return node?.type === "string" || node?.type === "number" ? String(node.value) : "";
}

function runtimeCheck(node: Node | undefined): RuntimeCheck | null {
  if (node?.type !== "object") return null;
  const action = text(childOf(node, ["action"]));
  const known = action === "abort" || action === "warn" || action === "hard_penalty";
  return { action: known ? action : "other", message: text(childOf(node, ["message"])) };
}

/** Numbers and lists of numbers below a node, by dotted key. */
function numbersIn(node: Node | undefined, prefix: string): [string, number | readonly number[]][] {
  if (node?.type !== "object") return [];
  return (node.children ?? []).flatMap(({ children: [key, value] = [] }) => {
    if (key === undefined || value === undefined) return [];
    const path = prefix === "" ? String(key.value) : `${prefix}.${key.value}`;
    if (value.type === "number") return [[path, Number(value.value)] as [string, number]];
    const items = value.children ?? [];
    const isList = value.type === "array" && items.length > 0 && items.every(({ type }) => type === "number");
    if (isList) return [[path, getNodeValue(value) as number[]] as [string, readonly number[]]];
    return numbersIn(value, path);
  });
}

/** The shapes of a file of invariants: a list, a map from id to invariant, or keys `inv1`, `inv2`, ... at the root. */
import type { Node } from "jsonc-parser";
import type { AssertionSource } from "./model.ts";
import { baseName } from "./paths.ts";

type Shape = AssertionSource["shape"];

interface EntryNode {
  readonly node: Node;
  /** The property's name, for shapes that use it as the id. */
  readonly key: Node | null;
}

export interface FoundShape {
  readonly shape: Shape;
  readonly nodes: readonly EntryNode[];
  /** A sentence: why no entry can be read in a file whose name promises some. Null: all is well. */
  readonly fault: string | null;
  /** Where the fault is. */
  readonly offset: number;
}

const telling = ["coq_theorem", "coq_file", "theorem", "proof_qed", "runtime_check", "admitted_theorems"];
const wayOut = 'Write an object that holds a list: { "invariants": [ ... ] }.';

/** Whether the name alone says that this is a file of invariants. */
export function isAssertionName(path: string): boolean {
  return /^igla_assertions.*\.json$/.test(baseName(path));
}

/**
 * @param root undefined: nothing at all could be read
 * @param isNamed the name says what it is, so it is one whatever it holds
 * @returns null when it is no file of invariants
 */
export function shapeOf(root: Node | undefined, isNamed: boolean): FoundShape | null {
  if (isOwnReport(root)) {
    const fault = "The file holds a report of `igla invariants check --json`, which claims nothing itself. Rename it.";
    return isNamed ? { shape: "list", nodes: [], fault, offset: root?.offset ?? 0 } : null;
  }
  const found = root?.type === "object" ? inObject(root, isNamed) : null;
  if (found !== null || !isNamed) return found;
  const held = child(root, "invariants");
  const what = held === undefined ? 'There is no "invariants" in this file.' : `"invariants" is ${kindOf(held)}.`;
  const fault = root === undefined || root.type === "object" ? what : `The file holds ${kindOf(root)}.`;
  return { shape: "list", nodes: [], fault: `${fault} ${wayOut}`, offset: (held ?? root)?.offset ?? 0 };
}

/** The document of `igla invariants check --json`: its `invariants` are results, and no claims. */
export function isOwnReport(root: Node | undefined): boolean {
  const lists = ["invariants", "files", "proofFiles", "leftOut"];
  return (
    lists.every((key) => child(root, key)?.type === "array") &&
    ["prover", "summary"].every((key) => child(root, key)?.type === "object")
  );
}

function inObject(root: Node, isNamed: boolean): FoundShape | null {
  const invariants = child(root, "invariants");
  if (invariants?.type === "array") {
    const items = invariants.children ?? [];
    const nodes = items.filter(({ type }) => type === "object");
    const fits = isNamed || nodes.some(tellsOfProof);
    const found = { shape: "list", nodes: nodes.map((node) => ({ node, key: null })) } as const;
    const unread = items.filter(({ type }) => type !== "object");
    return fits ? { ...found, ...faultOf(invariants, nodes.length, unread) } : null;
  }
  const holder = invariants?.type === "object" ? invariants : root;
  const pattern = holder === root ? /^inv[-_ ]?\d+/i : /./;
  const nodes = (holder.children ?? []).flatMap(({ children: [key, node] = [] }): EntryNode[] =>
    key !== undefined && node?.type === "object" && pattern.test(String(key.value)) ? [{ node, key }] : [],
  );
  const fits = (isNamed && holder !== root) || nodes.some(({ node }) => tellsOfProof(node));
  if (!fits) return null;
  if (holder === root) return { shape: "keys", nodes, fault: null, offset: 0 };
  // A key with an underscore before it holds a remark.
  const unread = (holder.children ?? []).flatMap(({ children: [key, value] = [] }) =>
    value === undefined || value.type === "object" || String(key?.value).startsWith("_") ? [] : [value],
  );
  return { shape: "map", nodes, ...faultOf(holder, nodes.length, unread) };
}

/** An empty list claims nothing, which is no mistake; what is no object may claim something that nobody can read. */
function faultOf(holder: Node, readable: number, [first]: readonly Node[]): Pick<FoundShape, "fault" | "offset"> {
  const wanted = "an object with an id, a theorem and a claim";
  if (readable === 0 && (holder.children ?? []).length > 0) {
    return { fault: `Nothing in "invariants" is ${wanted}.`, offset: holder.offset };
  }
  const fault =
    first === undefined ? null : `Part of "invariants" is ${kindOf(first)}, which is not read; write ${wanted}.`;
  return { fault, offset: (first ?? holder).offset };
}

/** "a list", "a number": for messages. */
export function kindOf({ type }: Node): string {
  const kinds: Readonly<Record<string, string>> = { array: "a list", string: "a text", null: "null" };
  return kinds[type] ?? `a ${type}`;
}

function tellsOfProof(node: Node): boolean {
  return telling.some((key) => has(node, key)) || (has(node, "file") && has(node, "name"));
}

export function has(node: Node, key: string): boolean {
  return child(node, key) !== undefined;
}

/** The last property of that name counts, as in `JSON.parse`. */
export function child(node: Node | undefined, key: string): Node | undefined {
  if (node?.type !== "object") return undefined;
  return node.children?.findLast(({ children }) => children?.[0]?.value === key)?.children?.[1];
}

/** The first of these keys that holds anything but null. */
export function childOf(node: Node, keys: readonly string[]): Node | undefined {
  for (const key of keys) {
    const found = child(node, key);
    if (found !== undefined && found.type !== "null") return found;
  }
  return undefined;
}

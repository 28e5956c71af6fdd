/** How the parts of a JSON text are set: what is added copies the line ends, the indentation and the blanks of its neighbour. */
import type { Node } from "jsonc-parser";

/** Texts between the parts of an object. */
export interface ObjectLayout {
  /** Behind `{`. */
  readonly open: string;
  /** From one property to the next, the comma included. */
  readonly between: string;
  /** From a key to its value, the colon included. */
  readonly colon: string;
  /** Before `}`. */
  readonly close: string;
}

/** From the end of an item or property to one that is added behind it, the comma included. */
export function separatorAfter(text: string, last: Node): string {
  const siblings = last.parent?.children ?? [];
  const before = siblings[siblings.indexOf(last) - 1];
  if (before !== undefined) return text.slice(endOf(before), last.offset);
  const open = last.parent === undefined ? last.offset : last.parent.offset + 1;
  return `,${text.slice(open, last.offset) || " "}`;
}

export function layoutOf(text: string, { offset, length, children = [] }: Node): ObjectLayout {
  const [first, second] = children;
  const last = children.at(-1);
  if (first === undefined || last === undefined) return { open: " ", between: ", ", colon: ": ", close: " " };
  const open = text.slice(offset + 1, first.offset);
  const [key, value] = first.children ?? [];
  return {
    open,
    between: second === undefined ? `,${open || " "}` : text.slice(endOf(first), second.offset),
    colon: key === undefined || value === undefined ? ": " : text.slice(endOf(key), value.offset),
    close: text.slice(endOf(last), offset + length - 1),
  };
}

/** @param fields values without parts of their own */
export function objectText(
  { open, between, colon, close }: ObjectLayout,
  fields: Readonly<Record<string, string | boolean>>,
): string {
  const properties = Object.entries(fields).map(
    ([key, value]) => `${JSON.stringify(key)}${colon}${JSON.stringify(value)}`,
  );
  return `{${open}${properties.join(between)}${close}}`;
}

function endOf({ offset, length }: Node): number {
  return offset + length;
}

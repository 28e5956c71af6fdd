/** From UTF-16 offsets of a text to the lines and characters of an editor. */
import type { Range } from "../../protocol/invariant-report.ts";

export type RangeOf = (start: number, end: number) => Range;

/** Line breaks are `\n`, `\r\n` and `\r`, as the language server protocol has them. Offsets outside of the text are clamped. */
export function rangesIn(text: string): RangeOf {
  const lineStarts = [0];
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 0x0a || (code === 0x0d && text.charCodeAt(at + 1) !== 0x0a)) lineStarts.push(at + 1);
  }
  const positionOf = (offset: number): Range["start"] => {
    const clamped = Math.min(Math.max(offset, 0), text.length);
    let low = 0;
    let high = lineStarts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((lineStarts[middle] ?? 0) <= clamped) low = middle;
      else high = middle - 1;
    }
    return { line: low, character: clamped - (lineStarts[low] ?? 0) };
  };
  return (start, end) => ({ start: positionOf(start), end: positionOf(Math.max(start, end)) });
}

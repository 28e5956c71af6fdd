/** Coq counts bytes of UTF-8, editors count UTF-16 units: from the one to the other. */

import type { Range } from "../../protocol/invariant-report.ts";
import { withoutMark } from "../byte-order-mark.ts";
import { rangesIn } from "./positions.ts";

/** A checkpoint every so many units: a lookup walks at most this far. */
const stride = 256;

function utf8Bytes(code: number): number {
  // A surrogate is half of a character of four bytes; a lone one was read from three bytes or written as three.
  return code < 0x80 ? 1 : code < 0x800 ? 2 : code >= 0xd800 && code <= 0xdfff ? 2 : 3;
}

/**
 * From byte offsets, the end exclusive, to a range of `text`. Offsets outside are clamped; one inside of a character
 * is taken back to its start. A byte order mark counts neither for Coq nor here.
 */
export function rangeOfBytes(text: string): (startByte: number, endByte: number) => Range {
  const source = withoutMark(text);
  const rangeOf = rangesIn(source);
  const checkpoints: number[] = [];
  let bytes = 0;
  for (let at = 0; at < source.length; at += 1) {
    if (at % stride === 0) checkpoints.push(bytes);
    bytes += utf8Bytes(source.charCodeAt(at));
  }
  const offsetOf = (byte: number): number => {
    if (!(byte > 0)) return 0;
    let low = 0;
    let high = Math.max(checkpoints.length - 1, 0);
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((checkpoints[middle] ?? 0) <= byte) low = middle;
      else high = middle - 1;
    }
    return unitsWithin(source, low * stride, byte - (checkpoints[low] ?? 0));
  };
  return (startByte, endByte) => {
    const start = offsetOf(startByte);
    return rangeOf(start, Math.max(start, offsetOf(endByte)));
  };
}

/** The unit that stands `bytes` after the one at `from`, never between the halves of a surrogate pair. */
function unitsWithin(source: string, from: number, bytes: number): number {
  let at = from;
  let left = bytes;
  while (at < source.length && left > 0) {
    const code = source.codePointAt(at) ?? 0;
    const size = code > 0xffff ? 4 : utf8Bytes(code);
    if (size > left) break;
    left -= size;
    at += code > 0xffff ? 2 : 1;
  }
  return at;
}

/**
 * The range of an error: `line` from 1, bytes within that line, both as Coq writes them and neither to be trusted.
 * An end beyond the line runs on into the lines after it, as Coq means it; nothing leaves the text.
 */
export function rangeInLine(text: string, line: number, startByte: number, endByte: number): Range {
  const source = withoutMark(text);
  const lineStart = offsetOfLine(source, line);
  const rangeOf = rangesIn(source);
  const start = unitsWithin(source, lineStart, Math.max(startByte, 0));
  const end = unitsWithin(source, lineStart, Math.max(endByte, startByte, 0));
  return rangeOf(start, end);
}

function offsetOfLine(source: string, line: number): number {
  let at = 0;
  for (let seen = 1; seen < line; seen += 1) {
    const next = source.indexOf("\n", at);
    if (next < 0) return source.length;
    at = next + 1;
  }
  return at;
}

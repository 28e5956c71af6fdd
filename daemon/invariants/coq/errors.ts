/** What coqc writes when something is wrong: `File "p", line L, characters a-b:` and a message under it. */

export interface CoqMessage {
  readonly kind: "error" | "warning";
  /** As coqc was given it, or as it found it; null when the message has no place. */
  readonly path: string | null;
  /** From 1. */
  readonly line: number;
  /** Bytes from the start of the line; the end exclusive, and possibly beyond the line. */
  readonly startByte: number;
  readonly endByte: number;
  readonly message: string;
}

const head = /^File "(.*)", line (\d+), characters (-?\d+)-(-?\d+):\s*$/;
const label = /^(Error|Warning|Syntax error|Anomaly)\b ?:? ?/;
const maxMessageUnits = 4000;

/** Errors and warnings in the order in which they stand. Odd numbers are clamped; text of neither kind is left out. */
export function parseErrors(stderr: string): CoqMessage[] {
  const found: CoqMessage[] = [];
  let place = noPlace;
  let lines: string[] = [];
  const close = (): void => {
    const message = messageOf(place, lines);
    if (message !== null) found.push(message);
    lines = [];
  };
  for (const line of stderr.split(/\r?\n/)) {
    const [, path, at, start, end] = head.exec(line) ?? [];
    if (path !== undefined) {
      close();
      place = placeOf(path, Number(at), Number(start), Number(end));
    } else if (label.test(line) && lines.some((each) => label.test(each) && !isBareLabel(each))) {
      // A message that names no place, after another one.
      close();
      place = noPlace;
      lines.push(line);
    } else lines.push(line);
  }
  close();
  return found;
}

/** Coq writes `Error:` alone before `Syntax error: ...`: both are one message. */
function isBareLabel(line: string): boolean {
  return /^(Error|Warning):\s*$/.test(line);
}

type MessagePlace = Omit<CoqMessage, "kind" | "message">;
const noPlace: MessagePlace = { path: null, line: 1, startByte: 0, endByte: 0 };

function placeOf(path: string, line: number, start: number, end: number): MessagePlace {
  const startByte = Math.max(start, 0);
  return { path, line: Math.max(line, 1), startByte, endByte: Math.max(end, startByte) };
}

function messageOf(place: MessagePlace, lines: readonly string[]): CoqMessage | null {
  const text = lines.join("\n").trim();
  const [matched, word] = label.exec(text) ?? [];
  if (matched === undefined) return null;
  const stripped = word === "Error" || word === "Warning" ? text.slice(matched.length).trim() : text;
  const message = stripped.length > maxMessageUnits ? `${stripped.slice(0, maxMessageUnits)} ...` : stripped;
  return { ...place, kind: word === "Warning" ? "warning" : "error", message };
}

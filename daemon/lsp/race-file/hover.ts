/** What stands under the pointer. */
import { presetNames } from "../../search/ladder.ts";
import { ladderMarkdown } from "./ladder-table.ts";
import { describeSubject } from "./markdown.ts";
import { docOf, type Subject, subjectAt } from "./subject.ts";
import { cursorAt } from "./text/cursor.ts";
import type { Range } from "./text/statements.ts";

export interface HoverText extends Range {
  readonly markdown: string;
  /** Id of the lever whose header or name this is; null: of none. */
  readonly lever: string | null;
}

export function hoverAt(text: string, offset: number): HoverText | null {
  const cursor = cursorAt(text, offset);
  if (cursor.kind === "nothing" || cursor.word.from === cursor.word.to) return null;
  const { from, to } = cursor.word;
  if (cursor.kind === "header") {
    const path = cursor.header.path.slice(0, cursor.depth).map((name) => name.text);
    const subject = subjectAt(path);
    return subject && { from, to, markdown: markdownOf(text, subject), lever: leverOf(subject) };
  }
  if (cursor.kind === "key") {
    const subject = subjectAt([...cursor.at, cursor.word.text]);
    return subject && { from, to, markdown: markdownOf(text, subject), lever: leverOf(subject) };
  }
  const subject = subjectAt(cursor.at);
  return subject && { from, to, markdown: valueMarkdown(text, subject, cursor.text), lever: null };
}

function leverOf(subject: Subject): string | null {
  const target = subject.kind === "dimension" ? subject.target : subject;
  return target.kind === "lever" ? target.lever.id : null;
}

function markdownOf(text: string, subject: Subject): string {
  const about = describeSubject(subject);
  const showsLadder = subject.kind === "key" && /^race\.(rungs|ladder|max_trials|seeds)(\.|$)/.test(subject.path);
  const ladder = showsLadder ? ladderMarkdown(text, null) : null;
  return ladder === null ? about : `${about}\n\n${ladder}`;
}

/** The meaning of this value first, then of its key. */
function valueMarkdown(text: string, subject: Subject, value: string): string {
  const schema = subject.kind === "key" ? subject.schema : null;
  const preset = presetNames.find((name) => name === value);
  if (subject.kind === "key" && subject.path === "race.ladder" && preset) {
    return `${describeSubject(subject)}\n\n${ladderMarkdown(text, preset) ?? ""}`;
  }
  const values = schema ? (docOf(schema)?.values ?? {}) : {};
  const meaning = Object.hasOwn(values, value) ? `**${value}**: ${values[value]}\n\n` : "";
  return meaning + markdownOf(text, subject);
}

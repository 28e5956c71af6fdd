/** Values of a key: those of an enumeration, the default, what the catalogue or a lever suggests. */
import { knownCorpora } from "../../data/catalogue.ts";
import { formatKeep } from "../../search/ladder.ts";
import { type Candidate, literal, placeholder } from "./candidate.ts";
import { ladderSnippet, rungSnippet } from "./complete-key.ts";
import { describeSubject } from "./markdown.ts";
import { defaultOf, docOf, type KeySubject, type Subject, subjectAt, type Varied, valuesOf } from "./subject.ts";
import type { Cursor } from "./text/cursor.ts";
import { show } from "./toml-text.ts";

/** `insert` as a snippet; a text that is no snippet is written as TOML. */
interface Offer {
  readonly value: string;
  readonly insert?: string;
  readonly detail: string;
}

export function valueCandidates({ at }: Extract<Cursor, { kind: "value" }>): Candidate[] {
  const subject = subjectAt(at);
  if (subject === null) return [];
  const markdown = describeSubject(subject);
  const inList = /^\d+$/.test(at.at(-1) ?? "");
  return distinct(offers(subject, inList)).map(({ value, insert, detail }) => ({
    label: value,
    kind: "value",
    insert: insert ?? literal(value),
    detail,
    markdown,
  }));
}

function distinct(list: readonly Offer[]): Offer[] {
  return list.filter(({ value }, i) => list.findIndex((other) => other.value === value) === i);
}

function offers(subject: Subject, inList: boolean): Offer[] {
  switch (subject.kind) {
    case "key":
      return ofKey(subject, inList);
    case "domain":
      return inList ? ofElement(subject.name, subject.target) : ofDomain(subject.name, subject.target);
    default:
      return [];
  }
}

function ofKey(subject: KeySubject, inList: boolean): Offer[] {
  const special = ofCertainKey(subject, inList);
  return special ?? [...ofEnumeration(subject), ...ofDefault(subject)];
}

/** Keys whose values no schema lists. */
function ofCertainKey({ path }: KeySubject, inList: boolean): Offer[] | null {
  switch (path) {
    case "data.corpus":
      return knownCorpora.map(({ name, bytes }) => ({ value: show(name), detail: `${bytes} bytes` }));
    case "data.protocol":
      return [
        { value: show("chunked"), detail: "windows that do not overlap" },
        {
          value: show("strided:32"),
          insert: `"strided:${placeholder(1, "32")}"`,
          detail: "the last 32 bytes of sliding windows",
        },
      ];
    case "race.rungs": {
      if (inList) return [{ value: '{ steps = 100, keep = "1/3" }', insert: rungSnippet(1, 100), detail: "a rung" }];
      return [{ value: "[ 100, 300, 900 ]", insert: ladderSnippet, detail: "three rungs, the best third goes on" }];
    }
    case "race.rungs.keep":
      return [2, 3, 4].map((den) => ({ value: show(formatKeep({ num: 1, den })), detail: `the best of ${den}` }));
    case "race.seeds":
      return inList
        ? []
        : [{ value: "[43, 44, 45]", insert: `[${placeholder(1, "43, 44, 45")}]`, detail: "three seeds" }];
    default:
      return null;
  }
}

function ofEnumeration({ schema }: KeySubject): Offer[] {
  const meanings = docOf(schema)?.values ?? {};
  const absent = defaultOf(schema);
  return valuesOf(schema).map((value) => ({
    value: show(value),
    detail: [meanings[String(value)], value === absent ? "default" : undefined].filter(Boolean).join("; "),
  }));
}

function ofDefault({ schema }: KeySubject): Offer[] {
  const absent = defaultOf(schema);
  return absent === undefined || typeof absent === "string" ? [] : [{ value: show(absent), detail: "default" }];
}

function ofDomain(name: string, target: Varied): Offer[] {
  if (target.kind === "lever") return name === "choice" ? [{ value: "[true, false]", detail: "on or off" }] : [];
  const space: Readonly<Record<string, unknown>> = target.space ?? {};
  if (Object.hasOwn(space, name)) return [{ value: show(space[name]), detail: "suggested" }];
  const values = valuesOf(target.schema);
  return name === "choice" && values.length > 0 ? [{ value: show(values), detail: "all of them" }] : [];
}

function ofElement(name: string, target: Varied): Offer[] {
  if (name !== "choice") return [];
  if (target.kind === "key") return [...ofEnumeration(target), ...ofDefault(target)];
  const settings = Object.entries(target.lever.settings.shape).map(
    ([setting, schema]) => `${setting} = ${show(defaultOf(schema))}`,
  );
  const table =
    settings.length === 0 ? [] : [{ value: `{ ${settings.join(", ")} }`, detail: "on with these settings" }];
  return [{ value: "true", detail: "on" }, { value: "false", detail: "off" }, ...table];
}

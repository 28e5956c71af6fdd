/** What hover and completion say about a subject, as Markdown. */
import { describeSchema } from "../../config/expected.ts";
import { sectionDocs } from "../../config/schema.ts";
import type { Lever } from "../../levers/lever.ts";
import type { SuggestedSpace } from "../../protocol/key-docs.ts";
import { type DomainName, defaultOf, docOf, type KeySubject, type Subject, type Varied } from "./subject.ts";
import { show } from "./toml-text.ts";

export function describeSubject(subject: Subject): string {
  switch (subject.kind) {
    case "section":
      return `**[${subject.name}]**\n\n${sectionDocs[subject.name]}`;
    case "key":
      return describeKey(subject);
    case "lever":
      return describeLever(subject.lever);
    case "dimension":
      return `**Varies** \`${subject.target.path}\` between the configurations.\n\n${describeVaried(subject.target)}`;
    case "domain":
      return `**${subject.name}** ${domainTexts[subject.name]}\n\n${describeVaried(subject.target)}`;
  }
}

function describeVaried(target: Varied): string {
  const { space } = target.kind === "key" ? target : { space: null };
  const hint = space === null ? [] : [`Worth searching: \`${showSpace(space)}\``];
  return [describeSubject(target), ...hint].join("\n\n");
}

export function describeKey({ path, schema }: KeySubject): string {
  const doc = docOf(schema);
  const absent = defaultOf(schema);
  const facts = [`Value: ${describeSchema(schema)}`];
  if (absent !== undefined) facts.push(`Default: \`${show(absent)}\``);
  else if (doc?.absent !== undefined) facts.push(`When left out: ${doc.absent}`);
  for (const [value, meaning] of Object.entries(doc?.values ?? {})) facts.push(`\`${value}\`: ${meaning}`);
  return [`**${path}**`, ...(doc ? [doc.text] : []), facts.map((fact) => `- ${fact}`).join("\n")].join("\n\n");
}

export function describeLever(lever: Lever): string {
  const claim =
    lever.claimedDeltaBpb === null
      ? "no number is stated"
      : `${lever.claimedDeltaBpb > 0 ? "+" : ""}${lever.claimedDeltaBpb} BPB (negative is better)`;
  const facts = [`Claimed effect: ${claim}`, `Refuted when: ${lever.falsifier}`, `Source: ${lever.source}`];
  if (lever.group !== undefined) facts.push(`Group \`${lever.group}\`: its levers exclude each other`);
  for (const [name, schema] of Object.entries(lever.settings.shape)) {
    const text = docOf(schema)?.text ?? "";
    facts.push(`\`${name}\` (default \`${show(defaultOf(schema))}\`): ${text}`);
  }
  return [`**${lever.title}** \`levers.${lever.id}\``, lever.hypothesis, facts.map((f) => `- ${f}`).join("\n")].join(
    "\n\n",
  );
}

const domainTexts: Readonly<Record<DomainName, string>> = {
  log: "`= [low, high]`: uniform in the logarithm; for rates and other positive scales.",
  uniform: "`= [low, high]`: every number between the bounds is equally likely.",
  int: "`= [low, high]`: whole numbers, both bounds included.",
  choice: "`= [a, b, ...]`: one of these values. For a lever: `true`, `false`, or a table of its settings.",
  points: "`= n`: how many values the grid sampler takes from the range.",
};

export function describeDomain(name: DomainName): string {
  return `**${name}** ${domainTexts[name]}`;
}

/** `log = [0.002, 0.007]`. */
export function showSpace(space: SuggestedSpace): string {
  return Object.entries(space)
    .map(([kind, values]) => `${kind} = ${show(values)}`)
    .join(", ");
}

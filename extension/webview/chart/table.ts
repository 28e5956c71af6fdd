/** The chart's numbers as a table: for screen readers, and for everyone who wants to read them off. */
import { html, type TemplateResult } from "lit";
import { formatBpb, formatCount, statusText } from "./format.ts";
import { byValidation } from "./legend.ts";
import { type ChartModel, isActive } from "./model.ts";
import type { ChartStrings } from "./strings.ts";

export function trialTable(model: ChartModel, strings: ChartStrings): TemplateResult {
  const texts = [strings.columnTrial, strings.columnRace, strings.columnState];
  const numbers = [
    strings.columnSeed,
    strings.columnStep,
    strings.columnTrain,
    strings.columnValidation,
    strings.columnAtStep,
  ];
  return html`<table>
    <caption>${strings.title}</caption>
    <thead>
      <tr>${texts.map((head) => html`<th scope="col">${head}</th>`)}
        ${numbers.map((head) => html`<th scope="col" class="number">${head}</th>`)}
      </tr>
    </thead>
    <tbody>
      ${byValidation(model).map(({ facts, line }) => {
        const last = facts.results.at(-1);
        return html`<tr data-trial=${facts.trialId} class=${isActive(facts.status) ? "" : "inactive"}>
          <th scope="row">${facts.label}</th>
          <td>${model.races.get(facts.raceId)?.name ?? facts.raceId}</td>
          <td>${statusText(facts.status, strings)}</td>
          <td class="number">${facts.seed}</td>
          <td class="number">${formatCount(Math.max(facts.step, line?.lastStep ?? 0))}</td>
          <td class="number">${formatBpb(line?.lastBpb ?? null)}</td>
          <td class="number">${formatBpb(last?.valBpb ?? null)}</td>
          <td class="number">${last === undefined ? "–" : formatCount(last.step)}</td>
        </tr>`;
      })}
    </tbody>
  </table>`;
}

/** What stands over a race file: what can be started, and how its race is doing. Knows no editor. */
import { isExperimentRace } from "../../daemon/protocol/experiment-race.ts";
import type { RaceState } from "../../daemon/protocol/state.ts";
import type { Translate } from "../translate.ts";
import { formatBpb } from "../views/format.ts";
import { raceStatusText } from "../views/race-model.ts";

export interface Lens {
  readonly title: string;
  readonly command: "igla.startRace" | "igla.startSeed" | "igla.openChart";
}

/** The newest race of a file; null when there is none. What an experiment trains is no race of the file. */
export function raceOf(path: string, races: ReadonlyMap<string, RaceState>): RaceState | null {
  let newest: RaceState | null = null;
  for (const race of races.values()) {
    if (race.path === path && !isExperimentRace(race) && (newest === null || race.createdAt >= newest.createdAt))
      newest = race;
  }
  return newest;
}

/** @param canStart false in a folder that is not trusted */
export function lensesOf(race: RaceState | null, canStart: boolean, t: Translate): Lens[] {
  const start: Lens = { title: `$(play) ${t("Start race")}`, command: "igla.startRace" };
  const goOn: Lens = { title: `$(play) ${t("Continue race")}`, command: "igla.startRace" };
  const seed: Lens = { title: t("Start seed"), command: "igla.startSeed" };
  const starting = !canStart
    ? []
    : race === null || isOver(race)
      ? [start, seed]
      : isActive(race)
        ? [seed]
        : [goOn, seed];
  return [...starting, ...(race === null ? [] : [{ title: statusTitle(race, t), command: "igla.openChart" } as const])];
}

const isOver = ({ status }: RaceState) => status === "finished" || status === "stopped";
const isActive = ({ status }: RaceState) => status === "queued" || status === "running";

/** `$(pulse) running · best 2.183 BPB at step 3000 · step 41000`. */
function statusTitle({ status, best, trainedSteps }: RaceState, t: Translate): string {
  const result = best === null ? [] : [t("best {0} BPB at step {1}", formatBpb(best.valBpb), best.step)];
  const parts = [raceStatusText(status, t), ...result, t("{0} steps trained", trainedSteps)];
  return `${status === "running" ? "$(pulse)" : "$(graph-line)"} ${parts.join(" · ")}`;
}

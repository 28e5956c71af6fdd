/** What the status bar says, as text. Pure. */
import { isExperimentRace } from "../../daemon/protocol/experiment-race.ts";
import type { RaceState } from "../../daemon/protocol/state.ts";
import type { ConnectionStatus } from "../connection/connection.ts";
import type { Translate } from "../translate.ts";
import { formatBpb, formatCount } from "../views/format.ts";

export interface StatusText {
  readonly text: string;
  /** For screen readers: the text without icons, and in words. */
  readonly spoken: string;
  readonly tone: "normal" | "warning" | "error";
}

/** The race that is worth a line: the one that trains, else the one that changed last. Experiments end with words of their own. */
export function raceInFocus(races: ReadonlyMap<string, RaceState>): RaceState | null {
  let latest: RaceState | null = null;
  for (const race of races.values()) {
    if (race.status === "running") return race;
    if (isExperimentRace(race)) continue;
    if (latest === null || race.updatedAt > latest.updatedAt) latest = race;
  }
  return latest;
}

export function statusText(status: ConnectionStatus, races: ReadonlyMap<string, RaceState>, t: Translate): StatusText {
  const say = (icon: string, words: string, tone: StatusText["tone"] = "normal"): StatusText => ({
    text: `$(${icon}) ${words}`,
    spoken: words,
    tone,
  });
  if (status.kind === "failed") return say("error", t("Igla: no daemon"), "error");
  if (status.kind === "lost") return say("sync", t("Igla: reconnecting"), "warning");
  if (status.kind === "connecting") return say("loading~spin", t("Igla: starting"));
  const race = raceInFocus(races);
  if (race === null) return say("beaker", t("Igla"));
  const best = race.best === null ? "" : ` - ${t("{0} BPB", formatBpb(race.best.valBpb))}`;
  switch (race.status) {
    case "running": {
      if (race.trainer.status === "exited") {
        return say("sync", t("Igla: {0} - trainer restarts", race.name), "warning");
      }
      const speed = race.speed === null ? "" : ` - ${t("{0} tok/s", formatCount(race.speed.tokensPerSec))}`;
      return say("pulse", t("Igla: {0}", race.name) + best + speed);
    }
    case "failed":
      return say("warning", t("Igla: {0} failed", race.name), "warning");
    case "paused":
      return say("debug-pause", t("Igla: {0}", race.name) + best);
    case "queued":
      return say("clock", t("Igla: {0}", race.name) + best);
    case "stopped":
    case "finished":
      return say("beaker", t("Igla: {0}", race.name) + best);
  }
}

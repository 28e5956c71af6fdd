/**
 * Tells of the two things that nobody should miss: a race ended, or it stopped because of a failure. Races of experiments
 * are left to those who tell of the experiment.
 */
import * as vscode from "vscode";
import { isExperimentRace } from "../../daemon/protocol/experiment-race.ts";
import type { Connection } from "../connection/connection.ts";
import { notifyError, notifyInfo, showLogAction } from "../notify.ts";
import { formatBpb } from "../views/format.ts";

export function registerRaceNews(connection: Connection): vscode.Disposable {
  const { t } = vscode.l10n;
  /** Races seen at work: what ended before this window opened is no news. */
  const atWork = new Set<string>();
  const hear = (raceId: string): void => {
    const race = connection.races.get(raceId);
    if (race !== undefined && isExperimentRace(race)) return;
    if (race?.status === "running") atWork.add(raceId);
    else if (race?.status === "failed" && atWork.delete(raceId)) {
      const resume = { title: t("Resume"), run: () => vscode.commands.executeCommand("igla.resumeRace", raceId) };
      notifyError(t("The race {0} stopped: {1}", race.name, race.reason), resume, showLogAction());
    } else if (race?.status === "finished" && atWork.delete(raceId)) {
      const result = race.best === null ? "" : ` ${t("Best: {0} BPB.", formatBpb(race.best.valBpb))}`;
      const chart = { title: t("Open chart"), run: () => vscode.commands.executeCommand("igla.openChart") };
      notifyInfo(t("The race {0} has finished.", race.name) + result, chart);
    }
  };
  return connection.onDidChangeRace(hear);
}

/** The race tree: race, rung, trial. Rows are made for what is looked at only, and only changed rows are drawn again. */
import * as vscode from "vscode";
import type { RaceState } from "../../daemon/protocol/state.ts";
import { Coalescer } from "../connection/coalesce.ts";
import type { DaemonConnection } from "../connection/daemon-connection.ts";
import type { PlottedChoice } from "./plotted.ts";
import {
  buildRaceModel,
  childNodes,
  moreRow,
  type RaceModel,
  type RaceNode,
  type Row,
  raceNode,
  raceRow,
  rungRow,
  trialRow,
} from "./race-model.ts";
import { rowUri } from "./row-colours.ts";

/** Trials of a rung that are shown before `Show more`. */
const pageSize = 200;
const refreshMs = 250;

export class RaceTree implements vscode.TreeDataProvider<RaceNode>, vscode.Disposable {
  readonly #connection: DaemonConnection;
  readonly #plotted: PlottedChoice;
  readonly #changes = new vscode.EventEmitter<RaceNode | RaceNode[] | undefined>();
  readonly #models = new Map<string, RaceModel>();
  /** One object for each node that VS Code has seen: it tells nodes apart by identity. */
  readonly #nodes = new Map<string, RaceNode>();
  /** What VS Code was told last about each node and its children. */
  readonly #shownRows = new Map<string, string>();
  readonly #shownChildren = new Map<string, string>();
  /** Pins that the models were made with; they change the order. */
  #orderedBy = "";
  readonly #limits = new Map<string, number>();
  readonly #refresh = new Coalescer<"all">(refreshMs, () => this.refresh());
  readonly #subscriptions: vscode.Disposable[];

  readonly onDidChangeTreeData = this.#changes.event;

  constructor(connection: DaemonConnection, plotted: PlottedChoice) {
    this.#connection = connection;
    this.#plotted = plotted;
    this.#subscriptions = [
      connection.onDidChangeRace(() => this.#refresh.touch("all")),
      plotted.onDidChange(() => this.#refresh.touch("all")),
      connection.onDidChangeStatus(() => this.#refresh.touch("all")),
    ];
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
    this.#refresh.dispose();
    this.#changes.dispose();
  }

  getChildren(parent?: RaceNode): RaceNode[] {
    const children = parent === undefined ? this.#roots() : this.#childrenOf(parent);
    this.#shownChildren.set(parent?.id ?? "", ids(children));
    return children;
  }

  getParent(node: RaceNode): RaceNode | undefined {
    if (node.kind === "race") return undefined;
    if (node.kind === "rung") return this.#one(raceNode(node.raceId));
    const rung = node.kind === "more" ? node.rung : this.#rungOfTrial(node);
    return this.#one({ kind: "rung", id: `${node.raceId}/${rung}`, raceId: node.raceId, rung });
  }

  getTreeItem(node: RaceNode): vscode.TreeItem {
    const row = this.#row(node);
    this.#shownRows.set(node.id, this.#signature(node, row));
    const item = new vscode.TreeItem(row.label, this.#collapsible(node));
    item.id = node.id;
    item.description = row.description;
    item.iconPath = new vscode.ThemeIcon(row.icon, row.color === null ? undefined : new vscode.ThemeColor(row.color));
    item.contextValue = row.contextValue;
    item.resourceUri = rowUri(node.raceId, node.kind === "trial" ? node.trialId : "");
    item.accessibilityInformation = { label: [row.label, row.description].join(", ") };
    if (node.kind === "trial") {
      const { Checked, Unchecked } = vscode.TreeItemCheckboxState;
      const isPlotted = this.#plotted.trialIds.has(node.trialId);
      item.checkboxState = {
        state: isPlotted ? Checked : Unchecked,
        tooltip: vscode.l10n.t("Shown on the chart"),
      };
    }
    if (node.kind === "more") {
      item.command = { command: "igla.showMore", title: vscode.l10n.t("Show more"), arguments: [node] };
    }
    return item;
  }

  async resolveTreeItem(item: vscode.TreeItem, node: RaceNode): Promise<vscode.TreeItem> {
    const model = this.#models.get(node.raceId);
    if (model === undefined || node.kind === "more") return item;
    const { raceTooltip, rungTooltip, trialTooltip } = await import("./tooltips.ts");
    if (node.kind === "race") item.tooltip = raceTooltip(model.race);
    else if (node.kind === "rung") item.tooltip = rungTooltip(model, node.rung);
    else item.tooltip = await trialTooltip(model, node.trialId, this.#connection);
    return item;
  }

  showMore(node: RaceNode): void {
    const parent = this.getParent(node);
    if (parent === undefined) return;
    this.#limits.set(parent.id, this.#limit(parent.id) + pageSize);
    this.#changes.fire(parent);
  }

  /** The node of a race, for `TreeView.reveal`; undefined where the tree does not know it. */
  find(raceId: string): RaceNode | undefined {
    return this.#connection.races.has(raceId) ? this.#one(raceNode(raceId)) : undefined;
  }

  trialNode(raceId: string, trialId: string): RaceNode {
    this.#roots();
    const node = this.#one({ kind: "trial", id: trialId, raceId, trialId });
    const rung = this.getParent(node);
    const model = this.#models.get(raceId);
    const trials = rung?.kind === "rung" ? model?.rungs.find((one) => one.rung === rung.rung)?.trials : undefined;
    const place = trials?.findIndex((trial) => trial.trialId === trialId) ?? -1;
    // A row beyond those shown must be shown first.
    if (rung !== undefined && place >= this.#limit(rung.id)) {
      this.#limits.set(rung.id, Math.ceil((place + 1) / pageSize) * pageSize);
      this.#changes.fire(rung);
    }
    return node;
  }

  #roots(): RaceNode[] {
    for (const race of this.#connection.races.values()) this.#model(race);
    return [...this.#connection.races.values()]
      .sort((a, b) => b.createdAt - a.createdAt || (a.raceId < b.raceId ? 1 : -1))
      .map(({ raceId }) => this.#one(raceNode(raceId)));
  }

  #childrenOf(node: RaceNode): RaceNode[] {
    const model = this.#models.get(node.raceId);
    if (model === undefined) return [];
    return childNodes(model, node, this.#limit(node.id)).map((child) => this.#one(child));
  }

  #limit(id: string): number {
    return this.#limits.get(id) ?? pageSize;
  }

  #one(node: RaceNode): RaceNode {
    const known = this.#nodes.get(node.id);
    if (known !== undefined) return known;
    this.#nodes.set(node.id, node);
    return node;
  }

  #model(race: RaceState): RaceModel {
    const known = this.#models.get(race.raceId);
    if (known?.race === race) return known;
    const model = buildRaceModel(race, this.#plotted.pinned);
    this.#models.set(race.raceId, model);
    return model;
  }

  #rungOfTrial(node: RaceNode): number {
    const rungs = this.#models.get(node.raceId)?.rungs ?? [];
    return rungs.find(({ trials }) => trials.some(({ trialId }) => trialId === node.id))?.rung ?? 0;
  }

  #row(node: RaceNode): Row {
    const { t } = vscode.l10n;
    const model = this.#models.get(node.raceId);
    const gone: Row = { label: node.id, description: "", icon: "circle-outline", color: null, contextValue: "" };
    if (model === undefined) return gone;
    if (node.kind === "race") return raceRow(model, t);
    if (node.kind === "trial") {
      const trial = model.race.trials[node.trialId];
      return trial === undefined ? gone : trialRow(model, trial, this.#plotted.pinned.has(node.trialId), t);
    }
    const rung = model.rungs.find((one) => one.rung === node.rung);
    if (rung === undefined) return gone;
    if (node.kind === "rung") return rungRow(model, rung, t);
    return moreRow(rung.trials.length - this.#limit(`${node.raceId}/${node.rung}`), t);
  }

  #signature(node: RaceNode, row: Row): string {
    const { label, description, icon, color, contextValue } = row;
    const isPlotted = node.kind === "trial" && this.#plotted.trialIds.has(node.trialId);
    return [label, description, icon, color, contextValue, isPlotted].join("\n");
  }

  #collapsible(node: RaceNode): vscode.TreeItemCollapsibleState {
    const { None, Collapsed, Expanded } = vscode.TreeItemCollapsibleState;
    if (node.kind === "trial" || node.kind === "more") return None;
    const newest = Math.max(...[...this.#connection.races.values()].map(({ createdAt }) => createdAt));
    const race = this.#connection.races.get(node.raceId);
    return race !== undefined && (race.createdAt === newest || race.status === "running") ? Expanded : Collapsed;
  }

  /** Tells VS Code which of the nodes that it has seen say something new. */
  refresh(): void {
    const pinned = [...this.#plotted.pinned].join();
    if (pinned !== this.#orderedBy) this.#models.clear();
    this.#orderedBy = pinned;
    for (const raceId of [...this.#models.keys()]) {
      if (!this.#connection.races.has(raceId)) this.#models.delete(raceId);
    }
    if (ids(this.#roots()) !== this.#shownChildren.get("")) {
      this.#changes.fire(undefined);
      return;
    }
    const changed: RaceNode[] = [];
    for (const [id, signature] of this.#shownRows) {
      const node = this.#nodes.get(id);
      if (node === undefined) continue;
      const children = this.#shownChildren.get(id);
      const isNewInside = children !== undefined && children !== ids(this.#childrenOf(node));
      if (isNewInside || this.#signature(node, this.#row(node)) !== signature) changed.push(node);
    }
    if (changed.length > 0) this.#changes.fire(changed);
  }
}

function ids(nodes: readonly RaceNode[]): string {
  return nodes.map(({ id }) => id).join("\n");
}

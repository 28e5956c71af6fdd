/** The nearest valid name for a name that is not one. */
import { distance } from "fastest-levenshtein";

/** What other tools call our keys. */
const aliases: ReadonlyMap<string, string> = new Map([
  ["learning_rate", "optimizer.lr"],
  ["learningrate", "optimizer.lr"],
  ["max_lr", "optimizer.lr"],
  ["wd", "optimizer.weight_decay"],
  ["epsilon", "optimizer.eps"],
  ["grad_clip", "optimizer.clip_norm"],
  ["clip", "optimizer.clip_norm"],
  ["max_norm", "optimizer.clip_norm"],
  ["momentum", "optimizer.muon_momentum"],
  ["optimizer", "optimizer.name"],
  ["batch_size", "optimizer.batch"],
  ["n_layer", "model.layers"],
  ["n_layers", "model.layers"],
  ["num_layers", "model.layers"],
  ["depth", "model.layers"],
  ["n_embd", "model.width"],
  ["d_model", "model.width"],
  ["hidden", "model.width"],
  ["dim", "model.width"],
  ["n_head", "model.heads"],
  ["n_heads", "model.heads"],
  ["num_heads", "model.heads"],
  ["n_kv_heads", "model.kv_heads"],
  ["num_kv_heads", "model.kv_heads"],
  ["block_size", "model.context"],
  ["context_length", "model.context"],
  ["seq_len", "model.context"],
  ["sequence_length", "model.context"],
  ["rope_theta", "model.rope_base"],
  ["warmup_steps", "schedule.warmup"],
  ["warmup_iters", "schedule.warmup"],
  ["max_steps", "schedule.steps"],
  ["max_iters", "schedule.steps"],
  ["iterations", "schedule.steps"],
  ["scheduler", "schedule.kind"],
  ["min_lr", "schedule.min_lr_fraction"],
  ["dataset", "data.corpus"],
  ["file", "data.corpus"],
  ["path", "data.corpus"],
  ["budget", "race.budget_steps"],
  ["trials", "race.max_trials"],
  ["n_trials", "race.max_trials"],
  ["population", "race.lanes"],
  ["prune_threshold", "race.prune_above_bpb"],
  ["prune_warmup", "race.prune_after_steps"],
  ["report_every", "race.report_every_steps"],
  ["checkpoint_every", "race.checkpoint_every_sec"],
]);

const lastPart = (path: string) => path.slice(path.lastIndexOf(".") + 1);

/**
 * @param name the name as written, without its section
 * @param section the section it stands in ("" at the top); among similar names, those of this section win
 * @param paths every valid dotted path
 */
export function nearestPath(name: string, section: string, paths: readonly string[]): string | null {
  const alias = aliases.get(name.toLowerCase());
  if (alias !== undefined && paths.includes(alias)) return alias;
  const inSection = paths.filter((path) => path.startsWith(`${section}.`));
  const elsewhere = paths.find((path) => lastPart(path) === name);
  return elsewhere ?? nearest(name, inSection, lastPart) ?? nearest(name, paths, lastPart);
}

/** The candidate with the least edit distance, if that is small against the name's length. */
export function nearest(
  name: string,
  candidates: readonly string[],
  text: (candidate: string) => string = (candidate) => candidate,
): string | null {
  let best: string | null = null;
  let least = Math.max(1, Math.floor(name.length * 0.4)) + 1;
  for (const candidate of candidates) {
    const edits = distance(name.toLowerCase(), text(candidate).toLowerCase());
    if (edits < least) [best, least] = [candidate, edits];
  }
  return best;
}

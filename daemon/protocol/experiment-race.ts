/** Races that are trained for experiments are known by their names. */

/** @param shortId first digits of the experiment's id @param part what of the experiment the race trains */
export function experimentRaceName(lever: string, shortId: string, part: string): string {
  return `falsify ${lever} ${shortId} ${part}`;
}

/** Whether a race was trained for an experiment, which tells of its course and its end. */
export function isExperimentRace({ name }: { readonly name: string }): boolean {
  return /^falsify \S+ [0-9a-f]{8} (alive|look \d+( off| on)?)$/.test(name);
}

/** Ticks of a logarithmic axis: round numbers, also where the axis spans less than a power of ten. Pure. */

/** A span below this ratio gets evenly spaced ticks: powers of ten would leave it with one label or none. */
const smallRatio = 8;
/** A span below this one has labels at 1, 2 and 5 of each power of ten, a wider one at 1. */
const middleRatio = 500;
const wantedTicks = 7;

export function logTicks(low: number, high: number): number[] {
  if (high / low < smallRatio) return evenTicks(low, high);
  const ticks: number[] = [];
  for (let power = Math.floor(Math.log10(low)); power <= Math.log10(high); power++) {
    for (let digit = 1; digit <= 9; digit++) {
      const tick = Number(`${digit}e${power}`);
      if (tick >= low && tick <= high) ticks.push(tick);
    }
  }
  return ticks;
}

/** Whether a tick of `logTicks` gets a label. */
export function isLabelled(tick: number, low: number, high: number): boolean {
  if (high / low < smallRatio) return true;
  const digit = Math.round(tick / 10 ** Math.floor(Math.log10(tick) + 1e-9));
  return digit === 1 || (high / low < middleRatio && (digit === 2 || digit === 5));
}

function evenTicks(low: number, high: number): number[] {
  const rough = (high - low) / wantedTicks;
  const power = Math.floor(Math.log10(rough));
  const digit = [1, 2, 5, 10].find((size) => size * 10 ** power >= rough) ?? 10;
  const unit = Number(`${digit}e${power}`);
  const ticks: number[] = [];
  // A border that is a tick itself must not be lost to rounding.
  const last = Math.floor(high / unit + 1e-9);
  for (let count = Math.ceil(low / unit - 1e-9); count <= last; count++)
    ticks.push(Number((count * unit).toPrecision(12)));
  return ticks;
}

/**
 * Which lane a worker computes next when there are at least as many lanes as workers: each takes a whole lane
 * for a few repeats, so that nobody waits at a barrier and a lane's data stay in the caches of one core.
 */

/** Bytes of the queue for each lane: no cache line has two lanes. */
export const LANE_SLOT_BYTES = 128;
const SLOT_WORDS = LANE_SLOT_BYTES / 4;
/** Longest stretch that a worker computes of a lane before it looks for one that is behind. */
const MAX_STRETCH = 16;

/** True when whole lanes keep all threads busy: an even share, or stretches enough to even out the rest. */
export function fitsLanes(threads: number, lanes: number, repeat: number): boolean {
  return lanes >= threads && (lanes % threads === 0 || repeat >= 8);
}

export interface Stretch {
  readonly lane: number;
  readonly repeats: number;
}

/** One word per lane: 2 * completed repeats, plus 1 while a worker computes the lane. Zeroed before each run. */
export class LaneQueue {
  readonly #words: Int32Array;
  readonly #lanes: number;
  readonly #repeat: number;
  readonly #stretch: number;

  constructor(buffer: SharedArrayBuffer, address: number, lanes: number, repeat: number) {
    this.#words = new Int32Array(buffer, address, lanes * SLOT_WORDS);
    this.#lanes = lanes;
    this.#repeat = repeat;
    this.#stretch = Math.max(1, Math.min(MAX_STRETCH, repeat >> 2));
  }

  /** Claims the free lane that is furthest behind; undefined when the others hold all that is left. */
  claim(): Stretch | undefined {
    for (;;) {
      let lane = -1;
      let least = 2 * this.#repeat;
      for (let i = 0; i < this.#lanes; i++) {
        const word = Atomics.load(this.#words, i * SLOT_WORDS);
        if ((word & 1) === 0 && word < least) {
          lane = i;
          least = word;
        }
      }
      if (lane < 0) return undefined;
      if (Atomics.compareExchange(this.#words, lane * SLOT_WORDS, least, least + 1) === least) {
        return { lane, repeats: Math.min(this.#stretch, this.#repeat - (least >> 1)) };
      }
    }
  }

  release({ lane, repeats }: Stretch): void {
    Atomics.add(this.#words, lane * SLOT_WORDS, 2 * repeats - 1);
  }
}

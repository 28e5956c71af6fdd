/** Batches drawn on the device. Corpus bytes are packed four to a u32, little-endian. */
import { defineKernel, type NumericArray } from "../kernel.ts";
import { mulHi, Purpose, randomWords } from "../random/philox.ts";
import { LaneState } from "./lane.ts";

/** Input id before the first byte of a split; embeds to the zero vector. */
export const BOS = 256;
/** Target id of a position that is not scored. */
export const UNSCORED = 0xffffffff;

const byteAt = (corpus: NumericArray, i: number): number => ((corpus[i >>> 2] as number) >>> ((i & 3) * 8)) & 255;
const randomByteWord = (_: number, uniform: () => number): number => Math.floor(uniform() * 2 ** 32);

/**
 * Draws B windows of T targets, uniform over the split `start .. start+bytes`. Row (b, t) has target
 * data[o_b + t] and input data[o_b + t - 1]; the input before the split's first byte is BOS.
 * o_b = mulHi(word0(seed, Purpose.batch, step, b), bytes - T + 1).
 */
export const sampleBatch = defineKernel({
  name: "sample_batch",
  family: "data",
  buffers: {
    corpus: { access: "read", dtype: "u32" },
    state: { access: "read", dtype: "u32" },
    tokens: { access: "write", dtype: "u32" },
    targets: { access: "write", dtype: "u32" },
  },
  params: ["batch", "time", "start", "bytes"],
  size: ({ batch, time, start, bytes }) => ({
    corpus: Math.ceil((start + bytes) / 4),
    state: LaneState.length,
    tokens: batch * time,
    targets: batch * time,
  }),
  fill: { corpus: randomByteWord, state: (i, u) => (i === LaneState.step ? 7 : Math.floor(u() * 2 ** 32)) },
  samples: [
    { batch: 1, time: 1, start: 0, bytes: 1 },
    { batch: 3, time: 7, start: 5, bytes: 7 },
    { batch: 5, time: 16, start: 0, bytes: 1009 },
    { batch: 16, time: 64, start: 131, bytes: 5003 },
  ],
  reference(b, { batch, time, start, bytes }) {
    const seed = b.state[LaneState.seed] as number;
    const step = b.state[LaneState.step] as number;
    for (let row = 0; row < batch; row++) {
      const word = randomWords(seed, Purpose.batch, step, row)[0];
      const origin = mulHi(word, bytes - time + 1);
      for (let t = 0; t < time; t++) {
        const at = origin + t;
        b.tokens[row * time + t] = at === 0 ? BOS : byteAt(b.corpus, start + at - 1);
        b.targets[row * time + t] = byteAt(b.corpus, start + at);
      }
    }
  },
});

/**
 * Windows of an evaluation pass over `start .. start+bytes`: window w scores targets [w*S, (w+1)*S) with as
 * much context to the left as T and the split's border allow. Batch `cursor[0]` holds windows
 * [cursor*B, cursor*B + B). Positions outside, and context positions, are UNSCORED; their input is BOS when
 * there is no byte.
 */
export const evalWindows = defineKernel({
  name: "eval_windows",
  family: "data",
  buffers: {
    corpus: { access: "read", dtype: "u32" },
    cursor: { access: "read", dtype: "u32" },
    tokens: { access: "write", dtype: "u32" },
    targets: { access: "write", dtype: "u32" },
  },
  params: ["batch", "time", "stride", "start", "bytes"],
  size: ({ batch, time, start, bytes }) => ({
    corpus: Math.ceil((start + bytes) / 4),
    cursor: LaneState.length,
    tokens: batch * time,
    targets: batch * time,
  }),
  fill: { corpus: randomByteWord, cursor: (i) => (i === 0 ? 1 : 0) },
  samples: [
    { batch: 1, time: 1, stride: 1, start: 0, bytes: 3 },
    { batch: 3, time: 8, stride: 3, start: 5, bytes: 31 },
    { batch: 4, time: 16, stride: 16, start: 7, bytes: 101 },
  ],
  reference(b, { batch, time, stride, start, bytes }) {
    for (let row = 0; row < batch; row++) {
      const first = ((b.cursor[0] as number) * batch + row) * stride;
      const end = Math.min(first + stride, bytes);
      const origin = Math.max(0, first + stride - time);
      for (let t = 0; t < time; t++) {
        const at = origin + t;
        const scored = at >= first && at < end;
        b.tokens[row * time + t] = at === 0 || at > bytes ? BOS : byteAt(b.corpus, start + at - 1);
        b.targets[row * time + t] = scored ? byteAt(b.corpus, start + at) : UNSCORED;
      }
    }
  },
});

/** counter[0] += 1: closes a training step (lane state) or an evaluation batch (cursor). */
export const advance = defineKernel({
  name: "advance",
  family: "data",
  buffers: { counter: { access: "readwrite", dtype: "u32" } },
  params: [],
  size: () => ({ counter: LaneState.length }),
  fill: { counter: (i) => i + 41 },
  samples: [{}],
  reference(b) {
    b.counter[0] = (b.counter[0] as number) + 1;
  },
});

/** Token embedding. An id >= V (BOS) is the zero vector and gets no gradient. */
import { defineKernel, type Params } from "../kernel.ts";

const tokenFill = (_: number, uniform: () => number, p: Params): number =>
  Math.floor(uniform() * ((p.vocab as number) + 1));
const samples = [
  { rows: 1, vocab: 1, width: 1 },
  { rows: 37, vocab: 11, width: 13 },
  { rows: 128, vocab: 256, width: 64 },
];

/** x[r, :] = E[token_r, :]. tokens [R], table [V, D], x [R, D]. */
export const embedding = defineKernel({
  name: "embedding",
  family: "embed",
  buffers: {
    tokens: { access: "read", dtype: "u32" },
    table: { access: "read", dtype: "f32" },
    x: { access: "write", dtype: "f32" },
  },
  params: ["rows", "vocab", "width"],
  size: ({ rows, vocab, width }) => ({ tokens: rows, table: vocab * width, x: rows * width }),
  fill: { tokens: tokenFill },
  samples,
  reference(b, { rows, vocab, width }) {
    for (let r = 0; r < rows; r++) {
      const id = b.tokens[r] as number;
      for (let c = 0; c < width; c++) b.x[r * width + c] = id < vocab ? (b.table[id * width + c] as number) : 0;
    }
  },
});

/** dE[v, :] (+)= sum over rows r with token_r = v, in row order. Rows of unseen tokens become 0 unless accumulating. */
export const embeddingBackward = defineKernel({
  name: "embedding_backward",
  family: "embed",
  buffers: {
    tokens: { access: "read", dtype: "u32" },
    dx: { access: "read", dtype: "f32" },
    dtable: { access: "readwrite", dtype: "f32" },
  },
  params: ["rows", "vocab", "width", "accumulate"],
  size: ({ rows, vocab, width }) => ({ tokens: rows, dx: rows * width, dtable: vocab * width }),
  fill: { tokens: tokenFill },
  samples: samples.flatMap((s) => [
    { ...s, accumulate: 0 },
    { ...s, accumulate: 1 },
  ]),
  reference(b, { rows, vocab, width, accumulate }) {
    if (!accumulate) for (let i = 0; i < vocab * width; i++) b.dtable[i] = 0;
    for (let r = 0; r < rows; r++) {
      const id = b.tokens[r] as number;
      if (id >= vocab) continue;
      for (let c = 0; c < width; c++) {
        b.dtable[id * width + c] = (b.dtable[id * width + c] as number) + (b.dx[r * width + c] as number);
      }
    }
  },
});

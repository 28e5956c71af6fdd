/** Passes of the data and embedding kernels. */
import elements from "../../../../shaders/common/elements.wgsl";
import philox from "../../../../shaders/common/philox.wgsl";
import advance from "../../../../shaders/data/advance.wgsl";
import evalWindows from "../../../../shaders/data/eval_windows.wgsl";
import sampleBatch from "../../../../shaders/data/sample_batch.wgsl";
import embedding from "../../../../shaders/embed/embedding.wgsl";
import embeddingBackward from "../../../../shaders/embed/embedding_backward.wgsl";
import { elementGrid, get, type Plan, pass, spread } from "../pass.ts";

const sampleBatchPlan: Plan = (p) => [
  pass({
    shader: "data/sample_batch",
    code: [elements, philox, sampleBatch],
    buffers: ["corpus", "state", "tokens", "targets"],
    words: [get(p, "batch"), get(p, "start"), get(p, "bytes")],
    constants: { TIME: get(p, "time") },
    grid: elementGrid(get(p, "batch") * get(p, "time")),
  }),
];

const evalWindowsPlan: Plan = (p) => [
  pass({
    shader: "data/eval_windows",
    code: [elements, evalWindows],
    buffers: ["corpus", "cursor", "tokens", "targets"],
    words: [get(p, "batch"), get(p, "stride"), get(p, "start"), get(p, "bytes")],
    constants: { TIME: get(p, "time") },
    grid: elementGrid(get(p, "batch") * get(p, "time")),
  }),
];

const advancePlan: Plan = () => [pass({ shader: "data/advance", code: [advance], buffers: ["counter"], grid: [1, 1] })];

const embeddingPlan: Plan = (p) => [
  pass({
    shader: "embed/embedding",
    code: [elements, embedding],
    buffers: ["tokens", "table", "x"],
    words: [get(p, "rows") * get(p, "width"), get(p, "vocab")],
    constants: { WIDTH: get(p, "width") },
    grid: elementGrid(get(p, "rows") * get(p, "width")),
  }),
];

const embeddingBackwardPlan: Plan = (p, { profile }) => [
  pass({
    shader: "embed/embedding_backward",
    code: [embeddingBackward],
    buffers: ["tokens", "dx", "dtable"],
    words: [get(p, "rows"), get(p, "vocab"), get(p, "width")],
    constants: { ACCUMULATE: get(p, "accumulate"), COLUMNS: profile.group },
    grid: spread(get(p, "vocab")),
    work: get(p, "vocab") * get(p, "rows") * profile.group,
  }),
];

export const dataPlans: Readonly<Record<string, Plan>> = {
  sample_batch: sampleBatchPlan,
  eval_windows: evalWindowsPlan,
  advance: advancePlan,
  embedding: embeddingPlan,
  embedding_backward: embeddingBackwardPlan,
};

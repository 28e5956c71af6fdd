/** A worker thread of the CPU backend: computes its part of a run, whole lanes or items of every stage. */
import { parentPort, workerData } from "node:worker_threads";
import { Barrier } from "./barrier.ts";
import { fitsLanes, LaneQueue } from "./lane-queue.ts";
import type { WorkerCommand, WorkerReply, WorkerSetup, WorkerStage } from "./messages.ts";

/** The signature of every WebAssembly export, see wasm/args.ts. */
type Kernel = (args: number, lane: number, item: number, scratch: number, serial: number) => void;

interface LoadedCall {
  readonly run: Kernel;
  readonly args: number;
  readonly items: number;
}

type LoadedStages = readonly (readonly LoadedCall[])[];

interface Loaded {
  readonly sections: ReadonlyMap<string, LoadedStages>;
  readonly scratch: number;
  readonly laneQueue: number;
}

const setup = workerData as WorkerSetup;
const exported = new WebAssembly.Instance(setup.module, { env: { memory: setup.memory } }).exports;
const barrier = new Barrier(setup.control, setup.threads);
const programs = new Map<number, Loaded>();
/** Changes with every call this worker turns to: what an earlier call left in the scratch is stale. */
let serial = 0;

function load(stage: WorkerStage): LoadedCall[] {
  return stage.map(({ kernel, args, items }) => ({ run: exported[kernel] as Kernel, args, items }));
}

/** Takes items of all lanes until none is left. */
function shareStage(calls: readonly LoadedCall[], lanes: number, scratch: number): void {
  let index = 0;
  let call = calls[0] as LoadedCall;
  let start = 0;
  let end = call.items * lanes;
  serial = (serial + 1) | 0;
  for (;;) {
    const drawn = barrier.draw();
    while (drawn >= end) {
      index++;
      if (index === calls.length) return;
      call = calls[index] as LoadedCall;
      start = end;
      end += call.items * lanes;
      serial = (serial + 1) | 0;
    }
    const item = drawn - start;
    const lane = Math.floor(item / call.items);
    call.run(call.args, lane, item - lane * call.items, scratch, serial);
  }
}

function shareLanes(stages: LoadedStages, lanes: number, repeat: number, scratch: number): void {
  for (let r = 0; r < repeat; r++) {
    for (const stage of stages) {
      shareStage(stage, lanes, scratch);
      barrier.meet();
    }
  }
}

/** One pass over a section for one lane, alone. */
function walkLane(stages: LoadedStages, lane: number, scratch: number): void {
  for (const stage of stages) {
    for (const { run, args, items } of stage) {
      serial = (serial + 1) | 0;
      for (let item = 0; item < items; item++) run(args, lane, item, scratch, serial);
    }
  }
}

function takeLanes(stages: LoadedStages, queue: LaneQueue, scratch: number): void {
  for (let stretch = queue.claim(); stretch; stretch = queue.claim()) {
    for (let r = 0; r < stretch.repeats; r++) walkLane(stages, stretch.lane, scratch);
    queue.release(stretch);
  }
}

function run({ program, section, repeat, lanes }: WorkerCommand & { readonly kind: "run" }): void {
  const { sections, scratch, laneQueue } = programs.get(program) as Loaded;
  const stages = sections.get(section) ?? [];
  if (fitsLanes(setup.threads, lanes, repeat)) {
    takeLanes(stages, new LaneQueue(setup.memory.buffer, laneQueue, lanes, repeat), scratch);
  } else shareLanes(stages, lanes, repeat, scratch);
}

const reply = (message: WorkerReply): void => parentPort?.postMessage(message);

parentPort?.on("message", (command: WorkerCommand) => {
  if (command.kind === "load") {
    const sections = Object.entries(command.sections).map(([name, stages]) => [name, stages.map(load)] as const);
    const { scratch, laneQueue } = command;
    programs.set(command.program, { sections: new Map(sections), scratch, laneQueue });
  } else if (command.kind === "drop") {
    programs.delete(command.program);
  } else {
    run(command);
    reply({ kind: "done" });
  }
});
reply({ kind: "ready" });

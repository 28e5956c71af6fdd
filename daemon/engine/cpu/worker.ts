/** A worker thread of the CPU backend: walks the stages of a section together with its peers. */
import { parentPort, workerData } from "node:worker_threads";
import { Barrier } from "./barrier.ts";
import type { WorkerCommand, WorkerReply, WorkerSetup, WorkerStage } from "./messages.ts";

/** The signature of every WebAssembly export, see wasm/args.ts. */
type Kernel = (args: number, lane: number, item: number, scratch: number, serial: number) => void;

interface LoadedCall {
  readonly run: Kernel;
  readonly args: number;
  readonly items: number;
}

interface Loaded {
  readonly sections: ReadonlyMap<string, readonly (readonly LoadedCall[])[]>;
  readonly scratch: number;
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

function runStage(calls: readonly LoadedCall[], lanes: number, scratch: number): void {
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

function run(program: number, section: string, repeat: number, lanes: number): void {
  const { sections, scratch } = programs.get(program) as Loaded;
  const stages = sections.get(section) ?? [];
  for (let r = 0; r < repeat; r++) {
    for (const stage of stages) {
      runStage(stage, lanes, scratch);
      barrier.meet();
    }
  }
}

const reply = (message: WorkerReply): void => parentPort?.postMessage(message);

parentPort?.on("message", (command: WorkerCommand) => {
  if (command.kind === "load") {
    const sections = Object.entries(command.sections).map(([name, stages]) => [name, stages.map(load)] as const);
    programs.set(command.program, { sections: new Map(sections), scratch: command.scratch });
  } else if (command.kind === "drop") {
    programs.delete(command.program);
  } else {
    run(command.program, command.section, command.repeat, command.lanes);
    reply({ kind: "done" });
  }
});
reply({ kind: "ready" });

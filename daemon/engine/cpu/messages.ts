/** What the CPU backend and its workers say to each other. */

/** One kernel call of a program, ready to run. */
export interface WorkerCall {
  /** Name of the kernel and of the WebAssembly export. */
  readonly kernel: string;
  /** Address of the argument block (layout: wasm/args.ts). */
  readonly args: number;
  /** Items of one lane. */
  readonly items: number;
}

/** Calls without mutual dependencies. */
export type WorkerStage = readonly WorkerCall[];

export type WorkerCommand =
  | {
      readonly kind: "load";
      readonly program: number;
      readonly sections: Readonly<Record<string, readonly WorkerStage[]>>;
      /** Start of this worker's scratch memory. */
      readonly scratch: number;
      /** Start of the lane queue, zeroed before each run. */
      readonly laneQueue: number;
    }
  | { readonly kind: "drop"; readonly program: number }
  | {
      readonly kind: "run";
      readonly program: number;
      readonly section: string;
      readonly repeat: number;
      readonly lanes: number;
    };

export type WorkerReply = { readonly kind: "ready" } | { readonly kind: "done" };

export interface WorkerSetup {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  /** Int32 words of the barrier, see `Barrier`. */
  readonly control: SharedArrayBuffer;
  readonly threads: number;
}

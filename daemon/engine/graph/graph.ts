/**
 * A graph records the forward pass as nodes in execution order. A node knows how to emit its kernel calls and
 * those of its gradient; `autodiff.ts` walks the nodes backwards, `planner.ts` gives tensors a place.
 */
import type { DType } from "../kernel.ts";
import { arenaTensor, type Init, type ParameterGroup, type ParameterRole, type ParameterTable } from "./parameters.ts";
import type { Arena, Storage, Tensor, TensorCall } from "./tensor.ts";

export interface Emitter {
  call(kernel: string, buffers: Record<string, Tensor>, params?: Record<string, number>): void;
  /** A new activation without gradient. */
  temporary(name: string, shape: readonly number[]): Tensor;
}

/** What a node's backward pass may do. */
export interface BackwardEmitter extends Emitter {
  /** Gradient of one of the node's outputs; null when the loss does not depend on it. */
  gradientOf(output: Tensor): Tensor | null;
  /** Lets `write` put the input's gradient into `target`: overwrite, or add when `accumulate` is 1. */
  accumulate(input: Tensor, write: (target: Tensor, accumulate: 0 | 1) => void): void;
  /** Adds an existing tensor to the input's gradient. The tensor must not be written afterwards. */
  contribute(input: Tensor, value: Tensor): void;
}

export interface Node {
  readonly op: string;
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
  forward(emit: Emitter): void;
  /** Absent: nothing upstream gets a gradient. */
  backward?(emit: BackwardEmitter): void;
}

export interface GraphOptions {
  readonly parameters: ParameterTable;
  /** Which copy of the weights the forward pass reads: the trained ones or their moving average. */
  readonly weights: Extract<Arena, "param" | "ema">;
  /** Dropout and the like act only while training. */
  readonly training: boolean;
}

export class Graph implements Emitter {
  readonly options: GraphOptions;
  readonly nodes: Node[] = [];
  /** Calls outside the differentiable graph: before the forward pass. */
  readonly calls: TensorCall[] = [];
  readonly constants = new Map<string, { tensor: Tensor; values: Float32Array }>();
  readonly #parameterTensors = new Map<string, Tensor>();
  readonly ids: { next: number };

  /** Graphs of one program share `ids` so that tensors stay distinct. */
  constructor(options: GraphOptions, ids: { next: number } = { next: 0 }) {
    this.options = options;
    this.ids = ids;
  }

  get training(): boolean {
    return this.options.training;
  }

  tensor(name: string, shape: readonly number[], storage: Storage, dtype: DType = "f32", needsGrad = false): Tensor {
    return { id: this.ids.next++, name, shape, dtype, storage, needsGrad };
  }

  activation(name: string, shape: readonly number[], needsGrad: boolean): Tensor {
    return this.tensor(name, shape, { kind: "activation" }, "f32", needsGrad);
  }

  temporary(name: string, shape: readonly number[]): Tensor {
    return this.activation(name, shape, false);
  }

  /** A buffer of its own that outlives the section. */
  named(name: string, shape: readonly number[], dtype: DType = "f32", shared = false): Tensor {
    return this.tensor(name, shape, { kind: "named", shared }, dtype);
  }

  /** A constant shared by all lanes; equal names must mean equal values. */
  constant(name: string, shape: readonly number[], values: () => Float32Array): Tensor {
    const known = this.constants.get(name);
    if (known) return known.tensor;
    const tensor = this.named(name, shape, "f32", true);
    this.constants.set(name, { tensor, values: values() });
    return tensor;
  }

  parameter(name: string, shape: readonly number[], role: ParameterRole, init: Init, group: ParameterGroup): Tensor {
    // Declared first: two parameters of one name that differ are an error, not one parameter.
    const parameter = this.options.parameters.declare(name, shape, role, init, group);
    const known = this.#parameterTensors.get(name);
    if (known) return known;
    const tensor = arenaTensor(this.ids.next++, parameter, this.options.weights);
    this.#parameterTensors.set(name, tensor);
    return tensor;
  }

  parameterTensor(name: string): Tensor | undefined {
    return this.#parameterTensors.get(name);
  }

  call(kernel: string, buffers: Record<string, Tensor>, params: Record<string, number> = {}): void {
    this.calls.push({ kernel, buffers, params });
  }

  add(node: Node): void {
    this.nodes.push(node);
  }

  forwardCalls(): TensorCall[] {
    const calls = [...this.calls];
    const emit: Emitter = {
      call: (kernel, buffers, params = {}) => calls.push({ kernel, buffers, params }),
      temporary: (name, shape) => this.temporary(name, shape),
    };
    for (const node of this.nodes) node.forward(emit);
    return calls;
  }
}

/**
 * Reverse-mode differentiation of a graph: walks the nodes backwards and emits the gradient calls.
 *
 * The gradient of a residual sum is the same tensor for both terms, so gradients share storage until somebody
 * adds to one of them; then it is copied first if another reader is still to come.
 */
import { EngineError } from "../error.ts";
import type { BackwardEmitter, Graph, Node } from "./graph.ts";
import { arenaTensor, type ParameterTable } from "./parameters.ts";
import { sizeOf, type Tensor, type TensorCall } from "./tensor.ts";

/**
 * Gradient calls of everything that the graph's loss nodes reach (a loss node starts gradients by itself).
 * Gradients of parameters land in the arena `grad`.
 * @throws {EngineError} `engine.no-gradient` naming each parameter that the loss does not reach
 */
export function backwardCalls(graph: Graph): TensorCall[] {
  const pass = new BackwardPass(graph);
  for (const node of graph.nodes.toReversed()) pass.visit(node);
  pass.checkEveryParameterHasGradient();
  return pass.calls;
}

class BackwardPass implements BackwardEmitter {
  readonly calls: TensorCall[] = [];
  readonly #graph: Graph;
  readonly #parameters: ParameterTable;
  /** Forward tensor id -> storage of its gradient. */
  readonly #gradients = new Map<number, Tensor>();
  /** Gradient storage id -> forward tensors whose gradient it is and which are still to be read. */
  readonly #readers = new Map<number, Set<number>>();

  constructor(graph: Graph) {
    this.#graph = graph;
    this.#parameters = graph.options.parameters;
  }

  visit(node: Node): void {
    const isLoss = node.outputs.length === 0;
    const reached = isLoss || node.outputs.some((output) => this.#gradients.has(output.id));
    if (node.backward && reached) node.backward(this);
    for (const output of node.outputs) {
      const gradient = this.#gradients.get(output.id);
      if (gradient) this.#readers.get(gradient.id)?.delete(output.id);
    }
  }

  checkEveryParameterHasGradient(): void {
    const missing = this.#parameters
      .all()
      .filter((p) => {
        const tensor = this.#graph.parameterTensor(p.name);
        return !tensor || !this.#gradients.has(tensor.id);
      })
      .map((p) => p.name);
    if (missing.length > 0) {
      throw new EngineError("engine.no-gradient", `These parameters get no gradient: ${missing.join(", ")}.`);
    }
  }

  call(kernel: string, buffers: Record<string, Tensor>, params: Record<string, number> = {}): void {
    this.calls.push({ kernel, buffers, params });
  }

  temporary(name: string, shape: readonly number[]): Tensor {
    return this.#graph.temporary(name, shape);
  }

  gradientOf(output: Tensor): Tensor | null {
    return this.#gradients.get(output.id) ?? null;
  }

  accumulate(input: Tensor, write: (target: Tensor, accumulate: 0 | 1) => void): void {
    if (!input.needsGrad) return;
    const present = this.#gradients.get(input.id);
    if (present) write(this.#exclusive(input, present), 1);
    else write(this.#assign(input, this.#storageFor(input)), 0);
  }

  contribute(input: Tensor, value: Tensor): void {
    if (!input.needsGrad) return;
    const n = sizeOf(input.shape);
    const present = this.#gradients.get(input.id);
    if (present) this.call("axpy", { x: value, y: this.#exclusive(input, present) }, { n, alpha: 1 });
    else if (isParameter(input)) this.#copy(value, this.#assign(input, this.#storageFor(input)), n);
    else this.#assign(input, value);
  }

  #assign(input: Tensor, storage: Tensor): Tensor {
    this.#gradients.set(input.id, storage);
    const readers = this.#readers.get(storage.id) ?? new Set();
    readers.add(input.id);
    this.#readers.set(storage.id, readers);
    return storage;
  }

  /** The gradient storage of `input`, copied first when another tensor's gradient shares it. */
  #exclusive(input: Tensor, storage: Tensor): Tensor {
    const readers = this.#readers.get(storage.id) ?? new Set();
    if ([...readers].every((id) => id === input.id)) return storage;
    readers.delete(input.id);
    const own = this.#storageFor(input);
    this.#copy(storage, own, sizeOf(input.shape));
    return this.#assign(input, own);
  }

  #copy(from: Tensor, to: Tensor, n: number): void {
    this.call("lincomb", { a: from, b: from, y: to }, { n, alpha: 1, beta: 0 });
  }

  #storageFor(input: Tensor): Tensor {
    if (!isParameter(input)) return this.temporary(`d ${input.name}`, input.shape);
    const name = input.name.slice(input.name.indexOf("/") + 1);
    const parameter = this.#parameters.all().find((p) => p.name === name);
    if (!parameter) throw new EngineError("engine.no-gradient", `${input.name} is not a declared parameter.`);
    const id = this.#graph.temporary(name, []).id;
    return arenaTensor(id, parameter, "grad");
  }
}

const isParameter = (tensor: Tensor): boolean => tensor.storage.kind === "arena";

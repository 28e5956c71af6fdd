/** First-fit allocator over one growing shared WebAssembly memory. */
import { EngineError } from "../error.ts";

const WASM_PAGE_BYTES = 65536;
/** Two cache lines: no line is written by two workers. */
const ALIGN_BYTES = 128;
const MAX_PAGES = 65536;

export const align = (bytes: number): number => Math.ceil(bytes / ALIGN_BYTES) * ALIGN_BYTES;

interface Block {
  readonly address: number;
  readonly bytes: number;
}

export class SharedHeap {
  readonly memory: WebAssembly.Memory;
  /** Free blocks below `#end`, by address, never adjacent. */
  #free: Block[] = [];
  /** First byte that was never given out; page 0 stays unused. */
  #end = WASM_PAGE_BYTES;

  /** @throws {EngineError} `engine.out-of-memory` */
  constructor() {
    try {
      this.memory = new WebAssembly.Memory({ initial: 1, maximum: MAX_PAGES, shared: true });
    } catch (cause) {
      throw new EngineError("engine.out-of-memory", "The system refused a shared WebAssembly memory.", { cause });
    }
  }

  /** A zeroed block. @throws {EngineError} `engine.out-of-memory` */
  allocate(size: number): number {
    const bytes = align(size);
    const index = this.#free.findIndex((block) => block.bytes >= bytes);
    const address = index < 0 ? this.#extend(bytes) : this.#carve(index, bytes);
    new Uint8Array(this.memory.buffer, address, bytes).fill(0);
    return address;
  }

  release(address: number, size: number): void {
    const blocks = [...this.#free, { address, bytes: align(size) }].sort((a, b) => a.address - b.address);
    const merged: Block[] = [];
    for (const block of blocks) {
      const last = merged.at(-1);
      if (last && last.address + last.bytes === block.address) {
        merged[merged.length - 1] = { address: last.address, bytes: last.bytes + block.bytes };
      } else merged.push(block);
    }
    const last = merged.at(-1);
    if (last && last.address + last.bytes === this.#end) {
      this.#end = last.address;
      merged.pop();
    }
    this.#free = merged;
  }

  #carve(index: number, bytes: number): number {
    const block = this.#free[index] as Block;
    const rest = { address: block.address + bytes, bytes: block.bytes - bytes };
    this.#free.splice(index, 1, ...(rest.bytes > 0 ? [rest] : []));
    return block.address;
  }

  #extend(bytes: number): number {
    const address = this.#end;
    const missing = address + bytes - this.memory.buffer.byteLength;
    if (missing > 0) this.#grow(Math.ceil(missing / WASM_PAGE_BYTES), bytes);
    this.#end = address + bytes;
    return address;
  }

  #grow(pages: number, bytes: number): void {
    const held = this.memory.buffer.byteLength;
    try {
      this.memory.grow(pages);
    } catch (cause) {
      const gib = (n: number): string => `${(n / 2 ** 30).toFixed(2)} GiB`;
      const message = `The CPU backend needs ${gib(bytes)} more on top of ${gib(held)}; one WebAssembly memory holds at most 4 GiB. Use fewer lanes, a smaller batch or a smaller model.`;
      throw new EngineError("engine.out-of-memory", message, { cause });
    }
  }
}

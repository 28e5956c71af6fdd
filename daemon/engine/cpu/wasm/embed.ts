/** Token embedding; an id >= V (BOS) is the zero vector. */
import { at, buf, int } from "./args";
import { load4, store4 } from "./simd";

/** An item is a group of rows. */
export function embedding(args: usize, lane: i32, item: i32, scratch: usize, serial: i32): void {
  const vocab = <u32>int(args, 1);
  const width = int(args, 2);
  const chunk = int(args, 3);
  const first = item * chunk;
  const end = min(int(args, 0), first + chunk);
  const tokens = buf(args, 0, lane);
  const table = buf(args, 1, lane);
  const x = buf(args, 2, lane);
  for (let r = first; r < end; r++) {
    const id = load<u32>(at(tokens, r));
    const row = at(x, r * width);
    if (id < vocab) memory.copy(row, at(table, id * width), (<usize>width) << 2);
    else memory.fill(row, 0, (<usize>width) << 2);
  }
}

/** An item is a block of columns, which it walks in row order: the sum's order is fixed without atomics. */
export function embedding_backward(args: usize, lane: i32, item: i32, scratch: usize, serial: i32): void {
  const rows = int(args, 0);
  const vocab = <u32>int(args, 1);
  const width = int(args, 2);
  const chunk = int(args, 4);
  const first = item * chunk;
  const cols = min(chunk, width - first);
  const tokens = buf(args, 0, lane);
  const dx = at(buf(args, 1, lane), first);
  const dtable = at(buf(args, 2, lane), first);
  if (!int(args, 3)) {
    for (let v: u32 = 0; v < vocab; v++) memory.fill(at(dtable, v * width), 0, (<usize>cols) << 2);
  }
  for (let r = 0; r < rows; r++) {
    const id = load<u32>(at(tokens, r));
    if (id >= vocab) continue;
    const from = at(dx, r * width);
    const to = at(dtable, id * width);
    for (let c = 0; c < cols; c += 4) {
      const left = cols - c;
      store4(at(to, c), f32x4.add(load4(at(to, c), left), load4(at(from, c), left)), left);
    }
  }
}

/** Batches drawn from a corpus of bytes packed four to a u32. An item is one window. */
import { at, buf, int } from "./args";
import { philoxWords } from "./philox";

const BATCH: i32 = 2;
const BOS: u32 = 256;
const UNSCORED: u32 = 0xffffffff;

export function sample_batch(args: usize, lane: i32, item: i32, scratch: usize, serial: i32): void {
  const time = int(args, 1);
  const bytes = int(args, 3);
  const corpus = buf(args, 0, lane) + <usize>int(args, 2);
  const state = buf(args, 1, lane);
  const tokens = at(buf(args, 2, lane), item * time);
  const targets = at(buf(args, 3, lane), item * time);
  philoxWords(item, load<i32>(state), 0, load<i32>(state, 4), BATCH, scratch);
  const origin = <i32>((<u64>load<u32>(scratch) * <u64>(bytes - time + 1)) >> 32);
  for (let t = 0; t < time; t++) {
    const position = origin + t;
    store<u32>(at(tokens, t), position === 0 ? BOS : <u32>load<u8>(corpus + <usize>(position - 1)));
    store<u32>(at(targets, t), <u32>load<u8>(corpus + <usize>position));
  }
}

export function eval_windows(args: usize, lane: i32, item: i32, scratch: usize, serial: i32): void {
  const batch = <i64>int(args, 0);
  const time = <i64>int(args, 1);
  const stride = <i64>int(args, 2);
  const bytes = <i64>int(args, 4);
  const corpus = buf(args, 0, lane) + <usize>int(args, 3);
  const cursor = <i64>load<u32>(buf(args, 1, lane));
  const tokens = at(buf(args, 2, lane), item * <i32>time);
  const targets = at(buf(args, 3, lane), item * <i32>time);
  const first = (cursor * batch + <i64>item) * stride;
  const end = min(first + stride, bytes);
  const origin = max(<i64>0, first + stride - time);
  for (let t: i64 = 0; t < time; t++) {
    const position = origin + t;
    const outside = position === 0 || position > bytes;
    const scored = position >= first && position < end;
    store<u32>(at(tokens, <i32>t), outside ? BOS : <u32>load<u8>(corpus + <usize>(position - 1)));
    store<u32>(at(targets, <i32>t), scored ? <u32>load<u8>(corpus + <usize>position) : UNSCORED);
  }
}

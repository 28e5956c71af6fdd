/** Safetensors files: named arrays with a JSON header. Reads f32, u32, f16 and bf16; writes f32 and u32. */
import { CheckpointError } from "./error.ts";
import { elementCount, readHeader, type TensorEntry } from "./safetensors-header.ts";

export type TensorArray = Float32Array | Uint32Array;

export interface Tensor {
  readonly shape: readonly number[];
  readonly data: TensorArray;
}

export interface SafetensorsFile {
  readonly metadata: Readonly<Record<string, string>>;
  /** In the order of the file. f16 and bf16 are widened to f32. */
  readonly tensors: ReadonlyMap<string, Tensor>;
}

/** Data starts at a multiple of this, so that a reader can map arrays without a copy. */
const ALIGNMENT = 8;

/**
 * Bytes of a file with these tensors. The same content gives the same bytes: tensors and metadata are sorted by name.
 */
export function encodeSafetensors(
  tensors: ReadonlyMap<string, Tensor>,
  metadata: Readonly<Record<string, string>>,
): Uint8Array {
  const sorted = [...tensors].sort(([a], [b]) => (a < b ? -1 : 1));
  const header: [string, unknown][] = [["__metadata__", Object.fromEntries(Object.entries(metadata).sort())]];
  let dataBytes = 0;
  for (const [name, { shape, data }] of sorted) {
    if (name === "__metadata__") throw new Error(`"${name}" is not a tensor name`);
    if (elementCount(shape) !== data.length)
      throw new Error(`tensor "${name}": shape [${shape}], ${data.length} elements`);
    const end = dataBytes + data.byteLength;
    const dtype = data instanceof Float32Array ? "F32" : "U32";
    header.push([name, { dtype, shape, data_offsets: [dataBytes, end] }]);
    dataBytes = end;
  }
  const json = new TextEncoder().encode(jsonObject(header));
  const headerBytes = Math.ceil(json.length / ALIGNMENT) * ALIGNMENT;
  const file = new Uint8Array(8 + headerBytes + dataBytes).fill(0x20, 8, 8 + headerBytes);
  new DataView(file.buffer).setBigUint64(0, BigInt(headerBytes), true);
  file.set(json, 8);
  let at = 8 + headerBytes;
  for (const [, { data }] of sorted) {
    file.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return file;
}

/**
 * @param place what errors name, usually the path
 * @throws {CheckpointError} `checkpoint.malformed`, `checkpoint.unsupported-dtype`
 */
export function decodeSafetensors(file: Uint8Array, place: string): SafetensorsFile {
  const { metadata, tensors, dataStart } = readHeader(file, place);
  const decoded = tensors.map((entry): [string, Tensor] => {
    // A copy of its own, hence aligned. Not file.slice(): a Buffer's slice is a view.
    const bytes = new Uint8Array(file.subarray(dataStart + entry.start, dataStart + entry.end));
    return [entry.name, { shape: entry.shape, data: toArray(bytes, entry, place) }];
  });
  return { metadata, tensors: new Map(decoded) };
}

/** Member by member: an object literal would move integer-like names to the front, and lose `__proto__`. */
function jsonObject(entries: readonly [string, unknown][]): string {
  return `{${entries.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`).join(",")}}`;
}

/** `bytes` owns its buffer. The format and every platform of Igla are little-endian. */
function toArray(bytes: Uint8Array, entry: TensorEntry, place: string): TensorArray {
  switch (entry.dtype) {
    case "F32":
      return new Float32Array(bytes.buffer);
    case "U32":
      return new Uint32Array(bytes.buffer);
    case "F16":
      return Float32Array.from(new Uint16Array(bytes.buffer), halfToFloat);
    case "BF16":
      return new Float32Array(Uint32Array.from(new Uint16Array(bytes.buffer), (bits) => bits << 16).buffer);
    default:
      throw new CheckpointError("checkpoint.unsupported-dtype", {
        place,
        message: `Tensor "${entry.name}" of ${place} has the dtype ${entry.dtype}; Igla reads F32, F16, BF16 and U32.`,
        wayOut: "Convert the file to one of these dtypes.",
      });
  }
}

/** IEEE 754 binary16: 1 sign, 5 exponent (bias 15), 10 mantissa bits. */
function halfToFloat(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >>> 10) & 0x1f;
  const mantissa = bits & 0x3ff;
  if (exponent === 0x1f) return mantissa === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return exponent === 0 ? sign * mantissa * 2 ** -24 : sign * (1024 + mantissa) * 2 ** (exponent - 25);
}

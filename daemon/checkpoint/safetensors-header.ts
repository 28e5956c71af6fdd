/**
 * The header of a safetensors file: 8 bytes little-endian length, then JSON (github.com/huggingface/safetensors,
 * section "Format"). Strict: what the format forbids is refused, because a file may come from anywhere.
 */
import { CheckpointError } from "./error.ts";

/** Bytes per element of the format's dtypes. */
export const dtypeBytes = {
  BOOL: 1,
  U8: 1,
  I8: 1,
  F8_E4M3: 1,
  F8_E5M2: 1,
  I16: 2,
  U16: 2,
  F16: 2,
  BF16: 2,
  I32: 4,
  U32: 4,
  F32: 4,
  I64: 8,
  U64: 8,
  F64: 8,
} as const;

export type SafetensorsDType = keyof typeof dtypeBytes;

export interface TensorEntry {
  readonly name: string;
  readonly dtype: SafetensorsDType;
  readonly shape: readonly number[];
  /** Bytes from the start of the data section; `end` excluded. */
  readonly start: number;
  readonly end: number;
}

export interface SafetensorsHeader {
  readonly metadata: Readonly<Record<string, string>>;
  /** In the order of their data. */
  readonly tensors: readonly TensorEntry[];
  /** Where the data section starts in the file. */
  readonly dataStart: number;
}

/** The format's own limit. */
const MAX_HEADER_BYTES = 100_000_000;
const LENGTH_BYTES = 8;
const METADATA = "__metadata__";

/** Reads and checks the header of a whole file. @throws {CheckpointError} `checkpoint.malformed` */
export function readHeader(file: Uint8Array, place: string): SafetensorsHeader {
  const fail = (reason: string) => malformed(place, reason);
  const { json, dataStart } = readJson(file, fail);
  const tensors: TensorEntry[] = [];
  let metadata: Record<string, string> = {};
  for (const [name, value] of Object.entries(json)) {
    if (name === METADATA) metadata = parseMetadata(value, fail);
    else tensors.push(parseEntry(name, value, fail));
  }
  tensors.sort((a, b) => a.start - b.start || a.end - b.end);
  checkCoverage(tensors, file.length - dataStart, fail);
  return { metadata, tensors, dataStart };
}

/** What a file says of itself, also where its data are cut off. @throws {CheckpointError} `checkpoint.malformed` */
export function readMetadata(file: Uint8Array, place: string): Readonly<Record<string, string>> {
  const fail = (reason: string) => malformed(place, reason);
  const { json } = readJson(file, fail);
  return Object.hasOwn(json, METADATA) ? parseMetadata(json[METADATA], fail) : {};
}

function readJson(file: Uint8Array, fail: Fail): { json: Record<string, unknown>; dataStart: number } {
  if (file.length < LENGTH_BYTES) throw fail(`it has ${file.length} bytes, fewer than the length field`);
  const length = new DataView(file.buffer, file.byteOffset).getBigUint64(0, true);
  if (length > BigInt(MAX_HEADER_BYTES)) throw fail(`its header claims ${length} bytes, more than the format allows`);
  const dataStart = LENGTH_BYTES + Number(length);
  if (dataStart > file.length) throw fail(`its header claims ${length} bytes, the file has ${file.length}`);
  const text = decodeUtf8(file.subarray(LENGTH_BYTES, dataStart), fail);
  if (!text.startsWith("{")) throw fail("its header does not start with {");
  const json = parseJson(text, fail);
  const repeated = repeatedKey(text);
  if (repeated !== null) throw fail(`its header names "${repeated}" twice`);
  return { json, dataStart };
}

export function malformed(place: string, reason: string): CheckpointError {
  return new CheckpointError("checkpoint.malformed", {
    place,
    message: `${place} is not a valid safetensors file: ${reason}.`,
    wayOut: "Use another copy of the file, or start the trial again from step 0.",
  });
}

export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

type Fail = (reason: string) => CheckpointError;

function decodeUtf8(bytes: Uint8Array, fail: Fail): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw fail("its header is not UTF-8");
  }
}

function parseJson(text: string, fail: Fail): Record<string, unknown> {
  try {
    // Starts with "{", so a successful parse gives an object.
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    throw fail("its header is not JSON");
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function parseMetadata(value: unknown, fail: Fail): Record<string, string> {
  if (!isRecord(value)) throw fail("its __metadata__ is not an object");
  for (const [key, entry] of Object.entries(value)) {
    if (typeof entry !== "string") throw fail(`its metadata "${key}" is not a string`);
  }
  return value as Record<string, string>;
}

function parseEntry(name: string, value: unknown, fail: Fail): TensorEntry {
  if (!isRecord(value)) throw fail(`the entry of tensor "${name}" is not an object`);
  const { dtype, shape, data_offsets: offsets } = value;
  if (typeof dtype !== "string" || !Object.hasOwn(dtypeBytes, dtype)) {
    throw fail(`tensor "${name}" has the unknown dtype ${JSON.stringify(dtype)}`);
  }
  if (!isCountList(shape)) throw fail(`tensor "${name}" has no valid shape`);
  if (!isCountList(offsets) || offsets.length !== 2) throw fail(`tensor "${name}" has no valid data_offsets`);
  const [start, end] = offsets as [number, number];
  const type = dtype as SafetensorsDType;
  const bytes = elementCount(shape) * dtypeBytes[type];
  if (end - start !== bytes) throw fail(`tensor "${name}" needs ${bytes} bytes, its data_offsets span ${end - start}`);
  return { name, dtype: type, shape, start, end };
}

function isCountList(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((item) => Number.isSafeInteger(item) && item >= 0);
}

/** Tensors lie one after the other: no overlap, no hole, nothing behind the last one. */
function checkCoverage(tensors: readonly TensorEntry[], dataBytes: number, fail: Fail): void {
  let at = 0;
  for (const { name, start, end } of tensors) {
    if (start < at) throw fail(`tensor "${name}" overlaps the one before it`);
    if (start > at) throw fail(`${start - at} bytes before tensor "${name}" belong to no tensor`);
    at = end;
  }
  if (at > dataBytes) throw fail(`its tensors need ${at} bytes of data, the file has ${dataBytes}`);
  if (at < dataBytes) throw fail(`${dataBytes - at} bytes at its end belong to no tensor`);
}

/** A key of the outermost object that occurs twice, or null. JSON.parse would silently keep the last one. */
function repeatedKey(json: string): string | null {
  const seen = new Set<string>();
  let depth = 0;
  for (const [token] of json.matchAll(/"(?:[^"\\]|\\.)*"(?:\s*:)?|[{}[\]]/g)) {
    if (token === "{" || token === "[") depth++;
    else if (token === "}" || token === "]") depth--;
    else if (depth === 1 && token.endsWith(":")) {
      const key = JSON.parse(token.slice(0, token.lastIndexOf('"') + 1)) as string;
      if (seen.has(key)) return key;
      seen.add(key);
    }
  }
  return null;
}

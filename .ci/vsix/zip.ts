/**
 * The part of the zip format that a VSIX uses: deflated files with UTF-8 names, no folders, no zip64. Every entry has
 * the same date, so the same files give the same archive.
 */
import { crc32, deflateRawSync, inflateRawSync } from "node:zlib";

export interface ZipFile {
  /** With forward slashes. */
  readonly path: string;
  readonly bytes: Uint8Array;
}

const LOCAL = 0x04034b50;
const CENTRAL = 0x02014b50;
const END = 0x06054b50;
const UTF8_NAMES = 0x0800;
const DEFLATED = 8;
/** 1980-01-01, the first day that the format knows. */
const DOS_DATE = 0x21;
/** Version of the format that a reader must know: 2.0. */
const VERSION = 20;
const UNIX = 3;
/** `-rw-r--r--`; what unpackers on Unix give the file. */
const MODE = 0o100644;

export function writeZip(files: readonly ZipFile[]): Buffer {
  const locals: Buffer[] = [];
  const centrals: Buffer[] = [];
  let offset = 0;
  for (const file of files) {
    const name = Buffer.from(file.path, "utf8");
    const packed = deflateRawSync(file.bytes, { level: 9 });
    const common = commonFields(file.bytes, packed, name);
    const local = Buffer.concat([uint32(LOCAL), common, uint16(0), name, packed]);
    centrals.push(centralEntry(common, name, offset));
    locals.push(local);
    offset += local.length;
  }
  const directory = Buffer.concat(centrals);
  return Buffer.concat([...locals, directory, endRecord(files.length, directory.length, offset)]);
}

/** From "version needed" to the length of the name: alike in both headers. */
function commonFields(bytes: Uint8Array, packed: Buffer, name: Buffer): Buffer {
  return Buffer.concat([
    uint16(VERSION),
    uint16(UTF8_NAMES),
    uint16(DEFLATED),
    uint16(0),
    uint16(DOS_DATE),
    uint32(crc32(bytes)),
    uint32(packed.length),
    uint32(bytes.length),
    uint16(name.length),
  ]);
}

function centralEntry(common: Buffer, name: Buffer, offset: number): Buffer {
  const madeBy = uint16((UNIX << 8) | VERSION);
  // Extra field, comment, disk, internal attributes: none.
  const none = Buffer.alloc(8);
  return Buffer.concat([uint32(CENTRAL), madeBy, common, none, uint32(MODE * 0x10000), uint32(offset), name]);
}

function endRecord(count: number, directoryLength: number, directoryOffset: number): Buffer {
  return Buffer.concat([
    uint32(END),
    uint16(0),
    uint16(0),
    uint16(count),
    uint16(count),
    uint32(directoryLength),
    uint32(directoryOffset),
    uint16(0),
  ]);
}

/** @throws {Error} when the archive is damaged: no directory, a wrong checksum or length, a method other than deflate */
export function readZip(archive: Buffer): ZipFile[] {
  const end = archive.lastIndexOf(uint32(END));
  if (end === -1) throw new Error("not a zip archive: it has no end record");
  const files: ZipFile[] = [];
  let at = archive.readUInt32LE(end + 16);
  for (let left = archive.readUInt16LE(end + 10); left > 0; left--) {
    if (archive.readUInt32LE(at) !== CENTRAL) throw new Error(`damaged zip archive: no directory entry at byte ${at}`);
    const nameLength = archive.readUInt16LE(at + 28);
    const path = archive.toString("utf8", at + 46, at + 46 + nameLength);
    files.push({ path, bytes: unpack(archive, at, path) });
    at += 46 + nameLength + archive.readUInt16LE(at + 30) + archive.readUInt16LE(at + 32);
  }
  return files;
}

function unpack(archive: Buffer, entry: number, path: string): Buffer {
  if (archive.readUInt16LE(entry + 10) !== DEFLATED) throw new Error(`${path}: not deflated`);
  const local = archive.readUInt32LE(entry + 42);
  const start = local + 30 + archive.readUInt16LE(local + 26) + archive.readUInt16LE(local + 28);
  const bytes = inflateRawSync(archive.subarray(start, start + archive.readUInt32LE(entry + 20)));
  if (bytes.length !== archive.readUInt32LE(entry + 24) || crc32(bytes) !== archive.readUInt32LE(entry + 16)) {
    throw new Error(`${path}: damaged in the zip archive`);
  }
  return bytes;
}

function uint16(value: number): Buffer {
  const buffer = Buffer.alloc(2);
  buffer.writeUInt16LE(value);
  return buffer;
}

function uint32(value: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeUInt32LE(value >>> 0);
  return buffer;
}

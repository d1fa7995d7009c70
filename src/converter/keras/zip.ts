import { inflateSync } from "fflate";
import { ConversionError } from "../../errors.ts";

const LOCAL = 0x04034b50;
const CENTRAL = 0x02014b50;
const END = 0x06054b50;
const END_SIZE = 22;
const LONGEST_COMMENT = 0xffff;

const damaged = (got: string) =>
  new ConversionError({
    owner: "loadKeras",
    parameter: ".keras",
    expected: "a whole zip archive",
    got,
    fix: "Copy or save the file again",
  });

/**
 * The members of a zip archive (stored or deflated, no encryption, below 4 GiB), as Keras 3 writes it. fflate inflates; the directory
 * is read here, since fflate leaves the checksums aside and a model with one flipped bit would pass for the right one.
 * @throws ConversionError where anything does not fit together
 */
export function unzip(bytes: Uint8Array, wanted: (name: string) => boolean): Map<string, Uint8Array> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const members = new Map<string, Uint8Array>();
  try {
    const end = endOfDirectory(view);
    let at = view.getUint32(end + 16, true);
    for (let count = view.getUint16(end + 10, true); count > 0; count--) {
      if (view.getUint32(at, true) !== CENTRAL) throw damaged("a directory entry without signature");
      const [nameLength, extraLength, commentLength] = [28, 30, 32].map((offset) => view.getUint16(at + offset, true));
      const name = new TextDecoder().decode(bytes.subarray(at + 46, at + 46 + nameLength));
      if (wanted(name)) members.set(name, member(bytes, view, at, name));
      at += 46 + nameLength + extraLength + commentLength;
    }
  } catch (cause) {
    if (cause instanceof ConversionError) throw cause;
    throw new ConversionError(
      {
        owner: "loadKeras",
        parameter: ".keras",
        expected: "a whole zip archive",
        got: (cause as Error).message,
        fix: "Copy or save the file again",
      },
      { cause },
    );
  }
  return members;
}

function endOfDirectory(view: DataView): number {
  const last = view.byteLength - END_SIZE;
  for (let at = last; at >= Math.max(0, last - LONGEST_COMMENT); at--) if (view.getUint32(at, true) === END) return at;
  throw damaged(`${view.byteLength} bytes without the archive's directory, which stands at its end`);
}

/** Contents of the member whose directory entry is at `entry`. */
function member(bytes: Uint8Array, view: DataView, entry: number, name: string): Uint8Array {
  const method = view.getUint16(entry + 10, true);
  const [checksum, packedSize, size] = [16, 20, 24].map((offset) => view.getUint32(entry + offset, true));
  const local = view.getUint32(entry + 42, true);
  if (view.getUint32(local, true) !== LOCAL) throw damaged(`no member at the place of ${name}`);
  const start = local + 30 + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
  const packed = bytes.subarray(start, start + packedSize);
  if (packed.length !== packedSize) throw damaged(`${packed.length} of the ${packedSize} bytes of ${name}`);
  if (method !== 0 && method !== 8) throw damaged(`${name} packed by method ${method}`);
  // fflate stops at the end of the stream: a directory that lies about the size cannot make it allocate without bounds
  const contents = method === 0 ? packed : inflateSync(packed);
  if (contents.length !== size) throw damaged(`${contents.length} bytes for ${name}, which has ${size}`);
  if (crc32(contents) !== checksum) throw damaged(`${name} with a wrong checksum`);
  return contents;
}

const table = Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
  return c;
});

/** CRC-32 of ISO 3309, as zip uses it. */
function crc32(bytes: Uint8Array): number {
  let c = 0xffffffff;
  for (const byte of bytes) c = table[(c ^ byte) & 0xff] ^ (c >>> 8);
  return (c ^ 0xffffffff) >>> 0;
}

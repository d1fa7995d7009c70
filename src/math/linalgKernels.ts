import { BuildError } from "../errors.ts";
import { binary } from "./linalgBinary.ts";

/** The functions of assembly/linalg; places are in bytes. */
interface Exports {
  readonly memory: WebAssembly.Memory;
  readonly pack: (source: number, rows: number, n: number, panels: number) => void;
  readonly addRows: (panels: number, rows: number, near: number, n: number, tiles: number) => void;
  readonly addProducts: (a: number, b: number, rows: number, n: number, m: number, tiles: number) => void;
  readonly addVector: (a: number, b: number, rows: number, n: number, sums: number) => void;
  readonly unpack: (tiles: number, n: number, out: number) => void;
  readonly packMarked: (source: number, rows: number, n: number, order: number, count: number, panels: number, marks: number) => void;
  readonly addMarkedRows: (panels: number, marks: number, rows: number, near: number, count: number, tiles: number) => void;
  readonly unpackMarked: (tiles: number, n: number, order: number, count: number, out: number) => void;
  readonly cholesky: (a: number, n: number, tiles: number, panels: number, part: number) => number;
}

/** Memory that is kept for the next call. */
const KEPT = 2 ** 26;
const PAGE = 2 ** 16;

/** Null: no WebAssembly with SIMD here, or a page's security policy that forbids it. */
let compiled: WebAssembly.Module | null | undefined;
let kept: Exports | null = null;

function compile(): WebAssembly.Module | null {
  try {
    return new WebAssembly.Module(Uint8Array.from(atob(binary), (c) => c.charCodeAt(0)));
  } catch {
    return null;
  }
}

/** Whether {@link run} can be called for so many bytes: a memory has at most 4 GiB, and there may be no WebAssembly at all. */
export function hasKernels(bytes: number): boolean {
  compiled ??= compile();
  return compiled !== null && bytes <= 2 ** 32 - PAGE;
}

/** Parts of memory, one after the other, of so many numbers each. */
export function places(...numbers: readonly number[]): { readonly at: readonly number[]; readonly bytes: number } {
  let bytes = 0;
  const at = numbers.map((count) => {
    const from = bytes;
    bytes += 8 * count;
    return from;
  });
  return { at, bytes };
}

/**
 * Calls kernels on a memory of at least so many bytes, whose contents are of no kind.
 * @throws BuildError if the memory cannot be had
 */
export function run<T>(bytes: number, action: (kernels: Exports, memory: Float64Array) => T): T {
  const large = bytes > KEPT;
  const make = (): Exports => new WebAssembly.Instance(compiled!).exports as unknown as Exports;
  const kernels = large ? make() : (kept ??= make());
  const missing = bytes - kernels.memory.buffer.byteLength;
  if (missing > 0) {
    try {
      kernels.memory.grow(Math.ceil(missing / PAGE));
    } catch {
      throw new BuildError(`Least squares: expected ${bytes} bytes of memory, got none. Use fewer neurons or points in an ensemble.`);
    }
  }
  return action(kernels, new Float64Array(kernels.memory.buffer));
}

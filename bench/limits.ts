/**
 * What the machine can do, to compare with; one thread. `node dist/bench/limits.js` prints it.
 * Bandwidth: copies and triads (`a[i] = b[i] + s * c[i]`) over arrays far larger than the caches, bytes read and written over the best of some
 * rounds. SIMD peak: a loop of 14 independent chains (as many as x86 keeps in registers) `v = v * x + y` in WebAssembly registers, no memory, two lanes of float64 or four of float32.
 */
import { pathToFileURL } from "node:url";

export interface Limits {
  /** Bytes a second. */
  readonly copy: number;
  readonly triad: number;
  /** Multiplications and additions a second. */
  readonly flops64: number;
  readonly flops32: number;
}

/** Least seconds of some rounds. */
function best(rounds: number, action: () => void): number {
  let least = Infinity;
  for (let k = 0; k < rounds; k++) {
    const start = performance.now();
    action();
    least = Math.min(least, (performance.now() - start) / 1000);
  }
  return least;
}

const CHAINS = 14;

/** An unsigned number as WebAssembly writes it. */
function leb(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...leb(value >> 7)];
}
const sized = (bytes: readonly number[]): number[] => [...leb(bytes.length), ...bytes];
const section = (id: number, bytes: readonly number[]): number[] => [id, ...sized(bytes)];

/** A module with one function `f(rounds)` that does `CHAINS` vector multiplications and additions a round. */
function chains(operations: {
  readonly splat: number[];
  readonly mul: number[];
  readonly add: number[];
  readonly one: number[];
}): Uint8Array<ArrayBuffer> {
  const simd = (code: readonly number[]): number[] => [0xfd, ...code];
  const get = (local: number): number[] => [0x20, ...leb(local)];
  const set = (local: number): number[] => [0x21, ...leb(local)];
  const [first, x] = [1, 1 + CHAINS];
  const body = [
    // One group of locals: CHAINS + 1 vectors.
    ...[1, CHAINS + 1, 0x7b],
    ...operations.one,
    ...simd(operations.splat),
    ...set(x),
    ...[0x03, 0x40],
    ...Array.from({ length: CHAINS }, (_, k) => [
      ...get(first + k),
      ...get(x),
      ...simd(operations.mul),
      ...get(x),
      ...simd(operations.add),
      ...set(first + k),
    ]).flat(),
    // rounds -= 1, and again unless 0
    ...[...get(0), 0x41, 1, 0x6b, 0x22, 0, 0x0d, 0, 0x0b],
    // The chains' sum is returned, so that none is left out.
    ...get(first),
    ...Array.from({ length: CHAINS - 1 }, (_, k) => [...get(first + 1 + k), ...simd(operations.add)]).flat(),
    ...simd([0x53]),
    0x0b,
  ];
  return Uint8Array.from([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, 0x60, 1, 0x7f, 1, 0x7f]),
    ...section(3, [1, 0]),
    ...section(7, [1, 1, 0x66, 0, 0]),
    ...section(10, [1, ...sized(body)]),
  ]);
}

const float64 = { splat: [0x14], mul: [0xf2, 0x01], add: [0xf0, 0x01], one: [0x44, 0, 0, 0, 0, 0, 0, 0xe0, 0x3f] };
const float32 = { splat: [0x13], mul: [0xe6, 0x01], add: [0xe4, 0x01], one: [0x43, 0, 0, 0, 0x3f] };

function flops(operations: typeof float64, lanes: number): number {
  const { f } = new WebAssembly.Instance(new WebAssembly.Module(chains(operations))).exports as { f: (rounds: number) => number };
  const rounds = 2e7;
  f(rounds);
  return (2 * lanes * CHAINS * rounds) / best(5, () => void f(rounds));
}

/** Measures the machine's limits; a few seconds. */
export function limits(): Limits {
  const length = 2 ** 23;
  const [a, b, c] = [1, 2, 3].map((v) => new Float64Array(length).fill(v));
  const triad = (s: number): void => {
    for (let i = 0; i < length; i++) a[i] = b[i] + s * c[i];
  };
  triad(1);
  return {
    copy: (16 * length) / best(10, () => a.set(b)),
    triad: (24 * length) / best(10, () => triad(0.5)),
    flops64: flops(float64, 2),
    flops32: flops(float32, 4),
  };
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { copy, triad, flops64, flops32 } = limits();
  const giga = (v: number): string => (v / 1e9).toFixed(2);
  console.log(`copy ${giga(copy)} GB/s, triad ${giga(triad)} GB/s, SIMD ${giga(flops64)} GFLOP/s in float64, ${giga(flops32)} in float32`);
}

/** Bytes of WebAssembly, nested; a number is a byte. */
export type Code = number | readonly Code[];

/** Types of values, as they are encoded. */
export const i32 = 0x7f;
export const f32 = 0x7d;
export const f64 = 0x7c;
export const v128 = 0x7b;
export type ValueType = typeof i32 | typeof f32 | typeof f64 | typeof v128;

/** An unsigned number of variable length (LEB128). */
export function unsigned(value: number): number[] {
  const out: number[] = [];
  let rest = value;
  do {
    const low = rest % 128;
    rest = Math.floor(rest / 128);
    out.push(rest > 0 ? low | 128 : low);
  } while (rest > 0);
  return out;
}

/** A signed 32-bit number of variable length. */
export function signed(value: number): number[] {
  const out: number[] = [];
  for (let rest = value | 0; ;) {
    const low = rest & 127;
    rest >>= 7;
    const last = (rest === 0 && (low & 64) === 0) || (rest === -1 && (low & 64) !== 0);
    out.push(last ? low : low | 128);
    if (last) return out;
  }
}

const view = new DataView(new ArrayBuffer(8));
const bytesOf = (length: number): number[] => Array.from({ length }, (_, i) => view.getUint8(i));

/** The bytes of a float64. */
export function bytes64(value: number): number[] {
  view.setFloat64(0, value, true);
  return bytesOf(8);
}

/** The bytes of a float32. */
export function bytes32(value: number): number[] {
  view.setFloat32(0, value, true);
  return bytesOf(4);
}

/** Appends nested code to a list of bytes. */
export function flatten(code: Code, into: number[]): void {
  if (typeof code === "number") into.push(code);
  else for (const part of code) flatten(part, into);
}

const op =
  (...opcode: readonly number[]) =>
  (...operands: readonly Code[]): Code => [operands, opcode];

/** A vector instruction: its operands, then the prefix and number. */
export const simd =
  (number: number) =>
  (...operands: readonly Code[]): Code => [operands, 0xfd, unsigned(number)];

type Load = (address: Code, offset?: number) => Code;
type Store = (address: Code, value: Code, offset?: number) => Code;
const load =
  (opcode: readonly number[], align: number): Load =>
  (address, offset = 0) => [address, opcode, align, unsigned(offset)];
const store =
  (opcode: readonly number[], align: number): Store =>
  (address, value, offset = 0) => [address, value, opcode, align, unsigned(offset)];

/** Integers: addresses and counts. */
export const int = {
  const: (value: number): Code => [0x41, signed(value)],
  eqz: op(0x45),
  eq: op(0x46),
  lt: op(0x48),
  /** Of addresses. */
  ltU: op(0x49),
  leU: op(0x4d),
  gt: op(0x4a),
  le: op(0x4c),
  ge: op(0x4e),
  add: op(0x6a),
  sub: op(0x6b),
  mul: op(0x6c),
  rem: op(0x70),
  and: op(0x71),
  shl: op(0x74),
  shr: op(0x75),
  select: (ifTrue: Code, ifFalse: Code, condition: Code): Code => [ifTrue, ifFalse, condition, 0x1b],
  load: load([0x28], 2),
  store: store([0x36], 2),
} as const;

/** One float64. */
export const double = {
  const: (value: number): Code => [0x44, bytes64(value)],
  add: op(0xa0),
  mul: op(0xa2),
  ne: op(0x62),
  lt: op(0x63),
  fromInt: op(0xb7),
  load: load([0x2b], 3),
  store: store([0x39], 3),
} as const;

/** One float32. */
export const single = {
  const: (value: number): Code => [0x43, bytes32(value)],
  add: op(0x92),
  mul: op(0x94),
  ne: op(0x5c),
  load: load([0x2a], 2),
  store: store([0x38], 2),
} as const;

/** Whole vectors. */
export const vector = {
  const: (bytes: readonly number[]): Code => [0xfd, 12, bytes],
  load: load([0xfd, 0], 2),
  store: store([0xfd, 11], 2),
  not: simd(77),
  and: simd(78),
  andNot: simd(79),
  or: simd(80),
  /** Bits of the first where the third has ones, else of the second. */
  select: simd(82),
  anyTrue: simd(83),
} as const;

export const copyMemory = (to: Code, from: Code, bytes: Code): Code => [to, from, bytes, 0xfc, 10, 0, 0];

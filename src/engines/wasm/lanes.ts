import type { Dtype } from "../engine.ts";
import { bytes32, bytes64, double, f32, f64, simd, single, unsigned, vector, type Code, type ValueType } from "./code.ts";

type Op = (...operands: readonly Code[]) => Code;

/** The instructions for numbers of one dtype: one number ("scalar"), and as many as a vector has lanes. */
export interface Lanes {
  readonly dtype: Dtype;
  /** Lanes of a vector. */
  readonly count: number;
  /** Bytes of a number, and its binary logarithm. */
  readonly bytes: number;
  readonly shift: number;
  readonly scalarType: ValueType;
  readonly scalar: {
    readonly const: (value: number) => Code;
    readonly load: (address: Code, offset?: number) => Code;
    readonly store: (address: Code, value: Code, offset?: number) => Code;
    readonly add: Op;
    readonly mul: Op;
    readonly ne: Op;
  };
  /** The same number in all lanes. */
  readonly constant: (value: number) => Code;
  readonly splat: Op;
  readonly loadSplat: (address: Code, offset?: number) => Code;
  readonly extract: (value: Code, lane: number) => Code;
  readonly loadLane: (address: Code, value: Code, lane: number) => Code;
  readonly storeLane: (address: Code, value: Code, lane: number, offset?: number) => Code;
  readonly add: Op;
  readonly sub: Op;
  readonly mul: Op;
  readonly div: Op;
  readonly pmin: Op;
  readonly pmax: Op;
  readonly neg: Op;
  readonly abs: Op;
  readonly sqrt: Op;
  readonly floor: Op;
  readonly trunc: Op;
  readonly eq: Op;
  readonly ne: Op;
  readonly lt: Op;
  readonly le: Op;
  readonly gt: Op;
  readonly ge: Op;
  /** A bit for every lane of a mask. */
  readonly bitmask: Op;
}

const load =
  (number: number, align: number) =>
  (address: Code, offset = 0): Code => [address, 0xfd, number, align, unsigned(offset)];
export const lanes64: Lanes = {
  dtype: "float64",
  count: 2,
  bytes: 8,
  shift: 3,
  scalarType: f64,
  scalar: double,
  constant: (value) => vector.const([...bytes64(value), ...bytes64(value)]),
  splat: simd(20),
  loadSplat: load(10, 3),
  extract: (value, lane) => [value, 0xfd, 33, lane],
  loadLane: (address, value, lane) => [address, value, 0xfd, 87, 3, 0, lane],
  storeLane: (address, value, lane, offset = 0) => [address, value, 0xfd, 91, 3, unsigned(offset), lane],
  add: simd(240),
  sub: simd(241),
  mul: simd(242),
  div: simd(243),
  pmin: simd(246),
  pmax: simd(247),
  neg: simd(237),
  abs: simd(236),
  sqrt: simd(239),
  floor: simd(117),
  trunc: simd(122),
  eq: simd(71),
  ne: simd(72),
  lt: simd(73),
  le: simd(75),
  gt: simd(74),
  ge: simd(76),
  bitmask: simd(196),
};

export const lanes32: Lanes = {
  dtype: "float32",
  count: 4,
  bytes: 4,
  shift: 2,
  scalarType: f32,
  scalar: single,
  constant: (value) => vector.const(Array.from({ length: 4 }, () => bytes32(value)).flat()),
  splat: simd(19),
  loadSplat: load(9, 2),
  extract: (value, lane) => [value, 0xfd, 31, lane],
  loadLane: (address, value, lane) => [address, value, 0xfd, 86, 2, 0, lane],
  storeLane: (address, value, lane, offset = 0) => [address, value, 0xfd, 90, 2, unsigned(offset), lane],
  add: simd(228),
  sub: simd(229),
  mul: simd(230),
  div: simd(231),
  pmin: simd(234),
  pmax: simd(235),
  neg: simd(225),
  abs: simd(224),
  sqrt: simd(227),
  floor: simd(104),
  trunc: simd(105),
  eq: simd(65),
  ne: simd(66),
  lt: simd(67),
  le: simd(69),
  gt: simd(68),
  ge: simd(70),
  bitmask: simd(164),
};

export const lanesOf = (dtype: Dtype): Lanes => (dtype === "float64" ? lanes64 : lanes32);

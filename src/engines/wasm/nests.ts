import type { Segment } from "../../plan/coalesce.ts";
import type { Lowering } from "./lowering.ts";

/** How an operand moves along the innermost loop: to its neighbour, not at all, or by some stride. */
export type Step = "next" | "same" | "stride";

export interface NestOperand {
  readonly start: number;
  /** Bytes by which the address grows, a dimension each. */
  readonly strides: readonly number[];
}

/** A loop nest over an index space, outermost dimension first, with operands as addresses. */
export interface Nest {
  readonly sizes: readonly number[];
  readonly inputs: readonly NestOperand[];
  readonly outputs: readonly NestOperand[];
}

const stepOf = (operand: NestOperand, bytes: number): Step => {
  const stride = operand.strides.at(-1)!;
  return stride === 0 ? "same" : stride === bytes ? "next" : "stride";
};

/** Address bounds of an operand, `[from, to)`. */
export function bounds({ start, strides }: NestOperand, sizes: readonly number[], bytes: number): [number, number] {
  let [low, high] = [start, start];
  strides.forEach((stride, d) => {
    const reach = stride * (sizes[d] - 1);
    if (reach < 0) low += reach;
    else high += reach;
  });
  return [low, high + bytes];
}

const sameMap = (a: NestOperand, b: NestOperand): boolean => a.start === b.start && a.strides.every((s, d) => s === b.strides[d]);

/** What nests have in common that one function serves: how deep they are, and how operands move along the innermost loop. */
export interface Shape {
  readonly depth: number;
  readonly inputs: readonly Step[];
  readonly outputs: readonly Step[];
  /** For every output the input that lies at the same place; -1 where none does. */
  readonly same: readonly number[];
}

export const shapeOf = (nest: Nest, bytes: number): Shape => ({
  depth: nest.sizes.length,
  inputs: nest.inputs.map((o) => stepOf(o, bytes)),
  outputs: nest.outputs.map((o) => stepOf(o, bytes)),
  same: nest.outputs.map((o) => nest.inputs.findIndex((i) => sameMap(i, o))),
});

/** A block of memory that an input reads and an output of other elements overwrites: it is copied before. */
export interface Rescue {
  readonly from: number;
  readonly to: number;
  readonly bytes: number;
}

export interface PreparedNest {
  readonly nest: Nest;
  readonly rescues: readonly Rescue[];
}

/**
 * The loops of a segment: its dimensions and the minibatch, with the innermost one chosen and neighbouring ones joined.
 * @param increments - whether each output is added to
 */
export function nestOf(
  lowering: Lowering,
  segment: Segment,
  laneConstants: readonly number[],
  increments: readonly boolean[],
): PreparedNest {
  const { batch, width, item, shared } = lowering.places;
  const { bytes } = lowering.lanes;
  // A sum over items must not see those that fill up a vector.
  const items = segment.outputs.every((o) => o.perItem) ? width : batch;
  const batched = width > 1;
  const operand = (o: { perItem: boolean; start: number; strides: readonly number[] }): NestOperand => {
    const unit = o.perItem ? width * bytes : bytes;
    const strides = o.strides.map((s) => s * unit);
    return { start: (o.perItem ? item : shared) + o.start * unit, strides: batched ? [...strides, o.perItem ? bytes : 0] : strides };
  };
  const dense = segment.shape.map((_, d) => segment.shape.slice(d + 1).reduce((a, b) => a * b, bytes));
  const constants = laneConstants.map((c): NestOperand => {
    const value = segment.constants[c];
    if (typeof value === "number")
      return { start: lowering.numbers([value]), strides: segment.shape.map(() => 0).concat(batched ? [0] : []) };
    return { start: lowering.numbers(value), strides: batched ? [...dense, 0] : dense };
  });
  const nest = {
    sizes: batched ? [...segment.shape, items] : segment.shape,
    inputs: [...segment.inputs.map(operand), ...constants],
    outputs: segment.outputs.map(operand),
  };
  const rescued = rescue(lowering, nest);
  return { nest: joined(withInnermost(squeezed(rescued.nest), bytes, batched, increments)), rescues: rescued.rescues };
}

/** Copies inputs that outputs of other elements would overwrite too early. */
function rescue(lowering: Lowering, nest: Nest): PreparedNest {
  const { bytes } = lowering.lanes;
  const rescues: Rescue[] = [];
  const outputs = nest.outputs.map((o) => bounds(o, nest.sizes, bytes));
  const inputs = nest.inputs.map((input) => {
    const [from, to] = bounds(input, nest.sizes, bytes);
    const clash = nest.outputs.some((o, k) => outputs[k][0] < to && from < outputs[k][1] && !sameMap(o, input));
    if (!clash) return input;
    const copy = lowering.allocate(to - from);
    rescues.push({ from, to: copy, bytes: to - from });
    return { ...input, start: input.start - from + copy };
  });
  return { nest: { ...nest, inputs }, rescues };
}

const mapNest = (nest: Nest, dimensions: readonly number[]): Nest => {
  const pick = (o: NestOperand): NestOperand => ({ start: o.start, strides: dimensions.map((d) => o.strides[d]) });
  return { sizes: dimensions.map((d) => nest.sizes[d]), inputs: nest.inputs.map(pick), outputs: nest.outputs.map(pick) };
};

/** Without dimensions of size 1 (of which one stays where there are no others). */
function squeezed(nest: Nest): Nest {
  const kept = nest.sizes.flatMap((size, d) => (size === 1 ? [] : [d]));
  if (kept.length > 0) return mapNest(nest, kept);
  const point = (o: NestOperand): NestOperand => ({ start: o.start, strides: [0] });
  return { sizes: [1], inputs: nest.inputs.map(point), outputs: nest.outputs.map(point) };
}

/** Puts the dimension inside along which most operands are contiguous. Sums keep the order of their terms. */
function withInnermost(nest: Nest, bytes: number, batched: boolean, increments: readonly boolean[]): Nest {
  const rank = nest.sizes.length;
  const ordered = nest.outputs.some((o, k) => {
    const still = o.strides.filter((s) => s === 0).length;
    return still > (increments[k] ? 1 : 0);
  });
  if (rank === 1 || batched || ordered) return nest;
  const cost = (d: number): number =>
    nest.inputs.reduce((sum, o) => sum + (o.strides[d] === bytes || o.strides[d] === 0 ? 0 : 1), 0) +
    nest.outputs.reduce((sum, o) => sum + (o.strides[d] === bytes ? 0 : 2), 0);
  let best = rank - 1;
  for (let d = rank - 2; d >= 0; d--) if (cost(d) < cost(best)) best = d;
  const others = nest.sizes.flatMap((_, d) => (d === best ? [] : [d]));
  return mapNest(nest, [...others, best]);
}

/** Neighbouring dimensions through which all operands go in one stride are one. */
function joined(nest: Nest): Nest {
  const all = [...nest.inputs, ...nest.outputs];
  for (let d = nest.sizes.length - 2; d >= 0; d--) {
    if (!all.every((o) => o.strides[d] === o.strides[d + 1] * nest.sizes[d + 1])) continue;
    const join = (o: NestOperand): NestOperand => ({ start: o.start, strides: o.strides.filter((_, k) => k !== d) });
    const sizes = nest.sizes.flatMap((size, k) => (k === d ? [] : [k === d + 1 ? size * nest.sizes[d] : size]));
    return joined({ sizes, inputs: nest.inputs.map(join), outputs: nest.outputs.map(join) });
  }
  return nest;
}

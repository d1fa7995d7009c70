import type { Expr } from "../expr/expr.ts";
import type { Operand, Range } from "./signal.ts";

/**
 * How an operator writes. In one step a signal is first *set* (at most once), then *incremented*, then *read*, and last
 * *updated* (what is updated is seen from the next step on). Records are taken after the updates.
 */
export type Role = "set" | "inc" | "update";

interface Common {
  /** Where the operator came from, e.g. `SimNeurons <Ensemble "square">`. */
  readonly origin: string;
}

/** A constant into a range. */
export interface SetOperator extends Common {
  readonly kind: "set";
  readonly target: Range;
  readonly value: number | Float64Array;
}

/** Elements `offset + index[k]` (or the range itself where index is null); repeats are allowed. */
export interface Picked extends Range {
  readonly index: Int32Array | null;
}

/** Picked elements into picked elements; where a target repeats, increments accumulate. */
export interface CopyOperator extends Common {
  readonly kind: "copy";
  readonly source: Picked;
  readonly target: Picked;
  readonly role: Role;
}

export interface ElementwiseOutput {
  readonly operand: Operand;
  readonly role: Role;
  readonly expr: Expr;
}

/**
 * Expressions over an n-dimensional index space. All reads come before all writes; a minibatch is one more (innermost)
 * dimension, along which shared signals have stride 0. An `inc` output of stride 0 along a dimension is a sum over it.
 */
export interface ElementwiseOperator extends Common {
  readonly kind: "elementwise";
  readonly shape: readonly number[];
  readonly inputs: Readonly<Record<string, Operand>>;
  /** Inputs that are numbers: one for all elements, or one an element of the index space. */
  readonly constants: Readonly<Record<string, number | Float64Array>>;
  readonly outputs: readonly ElementwiseOutput[];
  /** False where gradients stop by decision (plasticity). */
  readonly differentiable: boolean;
}

/** `y (+)= W x`: element (row, column) of W is `offset + row * strides[0] + column * strides[1]`; sums run over ascending columns. */
export interface MatmulOperator extends Common {
  readonly kind: "matmul";
  readonly weights: Operand;
  readonly x: Range;
  readonly y: Range;
  readonly role: Role;
  /** Whether x holds spikes, so that most of it is zero. */
  readonly spikes: boolean;
}

/** `y (+)= W x` for a sparse W: entry k stands at (rows[k], columns[k]) with value `weights[k]`. */
export interface SparseMatmulOperator extends Common {
  readonly kind: "sparseMatmul";
  readonly rows: Int32Array;
  readonly columns: Int32Array;
  readonly weights: Range;
  readonly x: Range;
  readonly y: Range;
  readonly role: Role;
  /** Whether x holds spikes. @defaultValue false */
  readonly spikes?: boolean;
}

/** Geometry of a convolution (cross-correlation) over `spatial.length` axes; channels last unless said. */
export interface ConvolutionGeometry {
  readonly inputSpatial: readonly number[];
  readonly outputSpatial: readonly number[];
  readonly inputChannels: number;
  readonly outputChannels: number;
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  /** Distance of neighbouring taps, an axis each. @defaultValue 1 */
  readonly dilations?: readonly number[];
  /** Zeros before the first input element, an axis each. */
  readonly padding: readonly number[];
  readonly groups: number;
  readonly channelsLast: boolean;
  /** Whether the filter is `[...kernel, outputChannels, inputChannels]` (with one group only). @defaultValue false */
  readonly filterOutputFirst?: boolean;
}

/**
 * `forward`: y (+)= x * filter; `inputAdjoint` (transposed convolution): input (+)= its transpose applied to output;
 * `filterAdjoint`: filter (+)= correlation of input and output. Filter is `[...kernel, inputChannels / groups, outputChannels]`.
 */
export interface ConvolveOperator extends Common {
  readonly kind: "convolve";
  readonly mode: "forward" | "inputAdjoint" | "filterAdjoint";
  readonly geometry: ConvolutionGeometry;
  readonly input: Range;
  readonly filter: Range;
  readonly output: Range;
  readonly role: Role;
  /** Whether what it reads holds spikes. @defaultValue false */
  readonly spikes?: boolean;
}

/** Weighted sum of the last `taps.length` inputs, the present one first; `buffer` is `[taps.length, size]`, newest first. */
export interface FirOperator extends Common {
  readonly kind: "fir";
  readonly input: Range;
  readonly output: Range;
  readonly buffer: Range;
  readonly taps: Float64Array;
  readonly role: Role;
}

/**
 * A row by step. With data under `slot` given to a run, row k of them at its k-th step; else what the process of
 * `stream` gives; else, where both are absent, nothing happens and the target keeps its value.
 */
export interface FeedOperator extends Common {
  readonly kind: "feed";
  readonly target: Range;
  readonly slot: string | null;
  readonly stream: number | null;
}

/** Draws from a distribution whose parameter is data, by the generator of `stream`. */
export interface DrawOperator extends Common {
  readonly kind: "draw";
  /** `poisson`: counts of mean `parameter`; `uniform`: numbers in [0, 1), parameter unused. */
  readonly distribution: "poisson" | "uniform";
  readonly parameter: Range | null;
  readonly target: Range;
  readonly stream: number;
}

/** A user's JavaScript function, called once an item; not differentiable. With data under `slot` the call is left out. */
export interface HostOperator extends Common {
  readonly kind: "host";
  /** `call` gets time (s) and copies of the inputs, and returns one array (or number) an output. */
  readonly call: HostCall;
  readonly inputs: readonly Range[];
  readonly outputs: readonly { readonly range: Range; readonly role: Role }[];
  readonly slot: string | null;
}
export type HostCall =
  | { readonly kind: "function"; readonly call: (t: number, inputs: readonly Float64Array[]) => readonly (ArrayLike<number> | number)[] }
  /** The step function that the process of a stream makes, one an item; it has one input (none: an empty array) and one output. */
  | { readonly kind: "stream"; readonly stream: number };

/** A tf function; only the tfjs engine runs it. */
export interface TensorOperator extends Common {
  readonly kind: "tensor";
  /** The tensor node's function or layer. */
  readonly node: object;
  readonly x: Range | null;
  readonly y: Range;
}

/** Step += 1; time = step * dt. Always first. */
export interface TimeOperator extends Common {
  readonly kind: "time";
}

/** A row of a run's result under `slot`, taken after the step, whenever `step mod period < 1`. */
export interface RecordOperator extends Common {
  readonly kind: "record";
  readonly source: Range;
  /** The order of the row's elements within the source; as they lie where left out. */
  readonly index?: Int32Array;
  readonly slot: string;
  /** In steps, at least 1; need not be whole. */
  readonly period: number;
}

export type Operator =
  | SetOperator
  | CopyOperator
  | ElementwiseOperator
  | MatmulOperator
  | SparseMatmulOperator
  | ConvolveOperator
  | FirOperator
  | FeedOperator
  | DrawOperator
  | HostOperator
  | TensorOperator
  | TimeOperator
  | RecordOperator;

export type OperatorKind = Operator["kind"];

/** Elements that an operator touches, as bounds `[from, to)` within a signal. */
export interface Access {
  readonly signal: Range["signal"];
  readonly from: number;
  readonly to: number;
}

export interface Accesses {
  readonly sets: readonly Access[];
  readonly incs: readonly Access[];
  readonly reads: readonly Access[];
  readonly updates: readonly Access[];
}

const ofRange = (r: Range): Access => ({ signal: r.signal, from: r.offset, to: r.offset + r.length });

/** Smallest and largest index of a list; they do not change, and are asked for by every pass over a program. */
const reaches = new WeakMap<Int32Array, { readonly low: number; readonly high: number }>();

function reachOf(index: Int32Array): { readonly low: number; readonly high: number } {
  let reach = reaches.get(index);
  if (reach === undefined) {
    let [low, high] = [Infinity, -Infinity];
    for (let k = 0; k < index.length; k++) {
      low = Math.min(low, index[k]);
      high = Math.max(high, index[k]);
    }
    reaches.set(index, (reach = { low, high }));
  }
  return reach;
}

function ofPicked(p: Picked): Access {
  if (p.index === null) return ofRange(p);
  if (p.index.length === 0) return { signal: p.signal, from: 0, to: 0 };
  const { low, high } = reachOf(p.index);
  return { signal: p.signal, from: p.offset + low, to: p.offset + high + 1 };
}

export function accessOfOperand({ signal, offset, strides }: Operand, shape: readonly number[]): Access {
  let [low, high] = [offset, offset];
  strides.forEach((stride, axis) => {
    const reach = stride * (shape[axis] - 1);
    if (reach < 0) low += reach;
    else high += reach;
  });
  return { signal, from: low, to: high + 1 };
}

/** What an operator reads and writes, in roles. */
export function accesses(op: Operator): Accesses {
  const out = { sets: [] as Access[], incs: [] as Access[], reads: [] as Access[], updates: [] as Access[] };
  const write = (role: Role, access: Access): void => void out[role === "set" ? "sets" : role === "inc" ? "incs" : "updates"].push(access);
  switch (op.kind) {
    case "set":
      write("set", ofRange(op.target));
      break;
    case "copy":
      out.reads.push(ofPicked(op.source));
      write(op.role, ofPicked(op.target));
      break;
    case "elementwise":
      for (const input of Object.values(op.inputs)) out.reads.push(accessOfOperand(input, op.shape));
      for (const o of op.outputs) write(o.role, accessOfOperand(o.operand, op.shape));
      break;
    case "matmul":
      out.reads.push(accessOfOperand(op.weights, [op.y.length, op.x.length]), ofRange(op.x));
      write(op.role, ofRange(op.y));
      break;
    case "sparseMatmul":
      out.reads.push(ofRange(op.weights), ofRange(op.x));
      write(op.role, ofRange(op.y));
      break;
    case "convolve": {
      const target = op.mode === "forward" ? op.output : op.mode === "inputAdjoint" ? op.input : op.filter;
      for (const r of [op.input, op.filter, op.output]) if (r !== target) out.reads.push(ofRange(r));
      write(op.role, ofRange(target));
      break;
    }
    case "fir":
      out.reads.push(ofRange(op.input));
      out.updates.push(ofRange(op.buffer));
      write(op.role, ofRange(op.output));
      break;
    case "feed":
      write("set", ofRange(op.target));
      break;
    case "draw":
      if (op.parameter !== null) out.reads.push(ofRange(op.parameter));
      write("set", ofRange(op.target));
      break;
    case "host":
      for (const r of op.inputs) out.reads.push(ofRange(r));
      for (const o of op.outputs) write(o.role, ofRange(o.range));
      break;
    case "tensor":
      if (op.x !== null) out.reads.push(ofRange(op.x));
      write("set", ofRange(op.y));
      break;
    case "record":
      out.reads.push(ofRange(op.source));
      break;
    case "time":
      break;
  }
  return out;
}

import { ShapeError, ValidationError, describe } from "../errors.ts";
import { isNdArray, ndarray } from "../math/ndarray.ts";
import { Process } from "../processes/process.ts";
import { Synapse } from "../synapses/synapse.ts";
import { callOnce, resultSize } from "./userFunction.ts";

/** Called at every step with time in seconds and a copy of the input `[sizeIn]`; what returns nothing has `sizeOut` 0. */
export type NodeFunction = (t: number, x: Float64Array) => number | ArrayLike<number>;

/** What a Node gives: its input (null), a constant, a process, its input filtered by a synapse, or what a function returns. */
export type NodeOutput = null | Float64Array | Process | Synapse | NodeFunction;

/** What may be given as a Node's output. */
export type NodeOutputLike =
  | null
  | number
  | readonly number[]
  | Float64Array
  | Float32Array
  | { readonly shape: readonly number[]; readonly data: ArrayLike<number> }
  | Process
  | Synapse
  | ((t: number, x: Float64Array) => number | ArrayLike<number> | null | undefined | void);

/** Sizes of a Node's input and output. */
export interface NodeSizes {
  readonly sizeIn: number;
  readonly sizeOut: number;
}

/** Sizes as given; null where they are to be learned. */
interface SizesGiven {
  readonly sizeIn: number | null;
  readonly sizeOut: number | null;
}

/** Checks a Node's output and finds its sizes; a function whose `sizeOut` is not given is called once with zeros. */
export function resolveOutput(owner: string, value: unknown, given: SizesGiven): NodeSizes & { readonly output: NodeOutput } {
  if (value === null) return { output: null, ...passThroughSizes(owner, given) };
  if (value instanceof Process)
    return { output: value, sizeIn: given.sizeIn ?? value.defaultSizeIn, sizeOut: given.sizeOut ?? value.defaultSizeOut };
  if (value instanceof Synapse) return { output: value, ...filterSizes(owner, value, given) };
  if (typeof value === "function") {
    const output = value as NodeFunction;
    const sizeIn = given.sizeIn ?? 0;
    return { output, sizeIn, sizeOut: given.sizeOut ?? learnSize(owner, output, sizeIn) };
  }
  if (typeof value !== "number" && !Array.isArray(value) && !ArrayBuffer.isView(value) && !isNdArray(value)) {
    throw new ValidationError({
      owner,
      parameter: "output",
      expected: "a number, an array of numbers, a process, a synapse, a function of (t, x), or null",
      got: describe(value),
    });
  }
  const { shape, data } = ndarray(value, { owner, parameter: "output" });
  if (shape.length > 1 || data.length === 0) {
    throw new ShapeError({
      owner,
      parameter: "output",
      expected: "a number or an array [sizeOut]",
      got: `shape [${shape.join(", ")}]`,
      fix: "For values that change over time use new PresentInput() or a function",
    });
  }
  if ((given.sizeIn ?? 0) !== 0)
    throw new ValidationError({ owner, parameter: "sizeIn", expected: "0, for its output is constant", got: String(given.sizeIn) });
  if ((given.sizeOut ?? data.length) !== data.length)
    throw new ShapeError({ owner, parameter: "sizeOut", expected: `${data.length}, the size of its output`, got: String(given.sizeOut) });
  return { output: data, sizeIn: 0, sizeOut: data.length };
}

/** A filter gives as many numbers as it takes. */
function filterSizes(owner: string, synapse: Synapse, given: SizesGiven): NodeSizes {
  const sizeIn = given.sizeIn ?? synapse.defaultSizeIn;
  const sizeOut = given.sizeOut ?? synapse.defaultSizeOut ?? synapse.defaultSizeIn;
  if (sizeIn === 0)
    throw new ValidationError({ owner, parameter: "sizeIn", expected: "at least 1, for a synapse filters its input", got: "0" });
  if (sizeOut !== sizeIn)
    throw new ShapeError({
      owner,
      parameter: "sizeOut",
      expected: `${sizeIn}, for a synapse gives as many numbers as it takes`,
      got: String(sizeOut),
      fix: "Give {sizeIn} and {sizeOut} that are equal",
    });
  return { sizeIn, sizeOut };
}

function passThroughSizes(owner: string, { sizeIn, sizeOut }: SizesGiven): NodeSizes {
  if (sizeIn === null)
    throw new ValidationError({
      owner,
      parameter: "sizeIn",
      expected: "a size for a Node that passes its input on",
      got: "none",
      fix: "Give an output or {sizeIn}",
    });
  if (sizeOut !== null && sizeOut !== sizeIn)
    throw new ShapeError({
      owner,
      parameter: "sizeOut",
      expected: `sizeIn (${sizeIn}) where the input is passed on`,
      got: String(sizeOut),
      fix: "Leave it out",
    });
  return { sizeIn, sizeOut: sizeIn };
}

function learnSize(owner: string, output: NodeFunction, sizeIn: number): number {
  const value: unknown = callOnce(owner, "output", `a function of time and an array of ${sizeIn} numbers`, () =>
    output(0, new Float64Array(sizeIn)),
  );
  const size = value === null || value === undefined ? 0 : resultSize(value);
  if (size === null) {
    throw new ValidationError({
      owner,
      parameter: "output",
      expected: "a function that returns a number, an array of numbers, or nothing",
      got: Array.isArray(value) ? "an array that holds something else" : describe(value),
    });
  }
  if (
    sizeIn === 0 &&
    output.length >= 2 &&
    (size === 0 || (typeof value === "number" ? [value] : Array.from(value as ArrayLike<number>)).some(Number.isNaN))
  ) {
    throw new ValidationError({
      owner,
      parameter: "sizeIn",
      expected: "at least 1, for the function reads an input",
      got: "0",
      fix: "Give {sizeIn}, or a function of time alone",
    });
  }
  return size;
}

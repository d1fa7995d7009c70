import { ConversionError } from "../errors.ts";
import type { NdArray } from "../math/ndarray.ts";
import { objectName, type Connection, type IndexSet } from "../network/index.ts";
import { Alpha, Lowpass, Triangle } from "../synapses/index.ts";
import type { Synapse } from "../synapses/synapse.ts";
import { Dense, Sparse } from "../transforms/index.ts";

/** A part of a network that a Keras model has nothing for. */
export const noCounterpart = (part: unknown, why: string): ConversionError =>
  new ConversionError({
    owner: `toLayersModel of ${objectName(part)}`,
    expected: "a part that layers have a counterpart for",
    got: why,
    fix: "Take it out of the network, or put the whole network into a layer: nengo.layers.network",
  });

/** What a filter leaves of a constant value is the value itself, for these. */
export function checkSteady(part: unknown, synapse: Synapse | null): void {
  if (synapse === null || synapse instanceof Lowpass || synapse instanceof Alpha || synapse instanceof Triangle) return;
  throw noCounterpart(part, `a synapse ${synapse.type}, which may change a constant value`);
}

/** Shape of what is picked from one side and goes to the other. */
export interface MapEnds {
  readonly sizeIn: number;
  readonly sizeOut: number;
  readonly pre: IndexSet;
  readonly post: IndexSet;
}

/**
 * A connection's linear map between whole objects as a matrix `[sizeIn, sizeOut]`, row-major: the kernel of a Dense layer.
 * @param weights - as the network holds them; null where there are none
 */
export function kernelOf(connection: Connection, weights: NdArray | null, { sizeIn, sizeOut, pre, post }: MapEnds): Float64Array {
  const [from, to] = [pre.toArray(), post.toArray()];
  const kernel = new Float64Array(sizeIn * sizeOut);
  const add = (row: number, column: number, value: number): void => {
    kernel[from[column] * sizeOut + to[row]] += value;
  };
  if (weights === null) {
    from.forEach((_, k) => add(k, k, 1));
    return kernel;
  }
  const { transform } = connection;
  if (transform instanceof Sparse) {
    const { rows, columns } = transform.matrix.places;
    rows.forEach((row, k) => add(row, columns[k], weights.data[k]));
    return kernel;
  }
  if (transform !== null && !(transform instanceof Dense))
    throw noCounterpart(connection, `a transform ${transform.type} of some components`);
  if (weights.shape.length < 2) from.forEach((_, k) => add(k, k, weights.data[weights.data.length === 1 ? 0 : k]));
  else {
    const [rows, columns] = weights.shape as readonly [number, number];
    for (let row = 0; row < rows; row++)
      for (let column = 0; column < columns; column++) add(row, column, weights.data[row * columns + column]);
  }
  return kernel;
}

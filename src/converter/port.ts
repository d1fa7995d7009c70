import type { Connectable, Node, Neurons } from "../network/index.ts";
import { Neurons as NeuronsClass } from "../network/index.ts";
import type { ItemShape } from "./graph.ts";

/** Where a value of the model is in the network: the output of a Node or of neurons, flattened row-major. */
export interface Port {
  readonly object: Node | Neurons;
  /** Sizes of one item. */
  readonly shape: ItemShape;
}

/** Whether values come from neurons, so that the synapse of the options filters them. */
export const fromNeurons = ({ object }: Port): boolean => object instanceof NeuronsClass;

export { sizeOf } from "../math/ndarray.ts";

/** Components of an object, all or some. */
export function picked({ object }: Port, indices: Int32Array | null): Connectable {
  if (indices === null) return object;
  const first = indices[0];
  return indices.every((index, k) => index === first + k) ? object.slice(first, first + indices.length) : object.pick(indices);
}

import type { LayerVariable } from "@tensorflow/tfjs-layers";
import type { Connection } from "../network/index.ts";
import type { Synapse } from "../synapses/synapse.ts";
import type { Transform } from "../transforms/transform.ts";
import type { ActivationSpec } from "./activations.ts";
import type { ItemShape } from "./graph.ts";
import type { Port } from "./port.ts";

/** A weight of a layer inside a transform. */
export interface WeightSpec {
  readonly variable: LayerVariable;
  /** The variable's numbers, row-major, from the transform's (as `sim.data.get(connection).weights.data`). @defaultValue the same */
  readonly fromTransform?: (values: Float64Array) => ArrayLike<number>;
}

/** One summand of a stage's input: a linear map of a value. */
export interface Term {
  readonly from: Port;
  /** Components of `from`, in order, repeats allowed; null: all. @defaultValue null */
  readonly pick?: Int32Array | null;
  /** Components of the stage that the summand goes to; null: all. @defaultValue null */
  readonly into?: Int32Array | null;
  /** Numbers are factors, of all components or one each; null is 1. @defaultValue null */
  readonly transform?: Transform | number | Float64Array | null;
  /** Whether the transform holds a weight of the layer, and which. @defaultValue none: it never trains */
  readonly weight?: WeightSpec | null;
  /** Instead of the options' synapse. */
  readonly synapse?: Synapse | null;
}

/** A constant summand, one number a channel. */
export interface Bias {
  readonly values: ArrayLike<number>;
  /** The weight that it is. @defaultValue none */
  readonly variable?: LayerVariable | null;
  /** Whether channels are the last axis of the stage's shape, or the first. @defaultValue true */
  readonly channelsLast?: boolean;
}

/** What a converter adds in one go: a sum of linear maps and a bias, then an activation. */
export interface StageSpec {
  /** Sizes of one item. */
  readonly shape: ItemShape;
  readonly terms: readonly Term[];
  readonly bias?: Bias | null;
  readonly activation?: ActivationSpec | null;
  /** Told after the layer's name, where a layer has several stages. */
  readonly part?: string;
  /** Whether the activation's neurons are the layer's, to be scaled and swapped; not so where they serve another purpose. @defaultValue true */
  readonly scaled?: boolean;
}

/** Where a weight of a layer is in the network. */
export interface WeightPlace {
  readonly connection: Connection;
  readonly variable: LayerVariable;
  readonly fromTransform: ((values: Float64Array) => ArrayLike<number>) | null;
}

import type { layers } from "@tensorflow/tfjs-layers";
import type { Context } from "./context.ts";
import type { LayerCall } from "./graph.ts";
import type { ConvertSettings } from "./options.ts";
import type { Port } from "./port.ts";

/** How layers of one class become part of a network. */
export interface LayerConverter<L extends layers.Layer = layers.Layer> {
  /** Reasons why a call has no counterpart; it then falls back to a tensor node. @defaultValue none */
  canConvert?(call: LayerCall<L>, settings: ConvertSettings): readonly string[];
  /** Adds Nodes, ensembles and connections to the network; returns where the output is. */
  convert(call: LayerCall<L>, context: Context): Port;
  /** Whether it works step by step in a temporal model. @defaultValue false */
  readonly temporal?: boolean;
  /** Whether its last stage is one map with a weight, which a batch normalisation that follows may be multiplied into. @defaultValue false */
  readonly foldable?: boolean;
  /** Reasons why a tensor node cannot stand for it either. @defaultValue none */
  noFallback?(call: LayerCall<L>): readonly string[];
}

/** A class of layers, as tfjs registers them. */
export interface LayerClass<L extends layers.Layer = layers.Layer> {
  new (...args: never[]): L;
  readonly className: string;
}

/** A converter with the names under which tfjs registers the classes of layers that it is for. */
export interface NamedConverter {
  readonly names: readonly string[];
  readonly converter: LayerConverter;
}

/** A converter of classes of tfjs; by name, since tfjs exports factories only. */
export const converterFor = <L extends layers.Layer>(names: string | readonly string[], converter: LayerConverter<L>): NamedConverter => ({
  names: typeof names === "string" ? [names] : names,
  converter: converter,
});

import type * as tf from "@tensorflow/tfjs-core";
import type { layers } from "@tensorflow/tfjs-layers";
import { ValidationError } from "../errors.ts";
import { fromRegistry } from "./registry.ts";

/** A layer within another one's config. */
export interface LayerConfig {
  className: string;
  config: tf.serialization.ConfigDict;
  [key: string]: tf.serialization.ConfigDictValue;
}

/** Settings that tfjs 4.22 leaves out of a layer's configuration, by the name of the class; a saved model has lost them. */
const leftOut: Readonly<Record<string, readonly string[]>> = {
  SeparableConv1D: ["depthMultiplier"],
  SeparableConv2D: ["depthMultiplier"],
  NengoSeparableConv2D: ["depthMultiplier"],
  Conv1D: ["dataFormat"],
};

/** Settings of a layer that its configuration lacks. */
export const forgotten = (layer: layers.Layer): (readonly [string, unknown])[] =>
  (leftOut[layer.getClassName()] ?? []).map((name) => [name, (layer as unknown as Record<string, unknown>)[name]] as const);

/** A layer's configuration with all of its settings. */
export const settingsOf = (layer: layers.Layer): tf.serialization.ConfigDict => ({
  ...layer.getConfig(),
  ...(Object.fromEntries(forgotten(layer)) as tf.serialization.ConfigDict),
});

/** A layer as another one's config holds it. */
export const configOf = (layer: layers.Layer): LayerConfig => ({ className: layer.getClassName(), config: settingsOf(layer) });

/** @throws ValidationError for a class that nobody has registered */
export function layerFromConfig({ className, config }: LayerConfig, owner: string): layers.Layer {
  const layer = fromRegistry(className, config);
  if (layer === undefined)
    throw new ValidationError({
      owner,
      parameter: "layer",
      expected: `a registered layer class ${className}`,
      got: "none",
      fix: "Load its code, or call tf.serialization.registerClass, before",
    });
  return layer as layers.Layer;
}

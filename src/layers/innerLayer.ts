import * as tf from "@tensorflow/tfjs-core";
import type { layers } from "@tensorflow/tfjs-layers";
import { ValidationError } from "../errors.ts";

/** A layer within another one's config. */
export interface LayerConfig {
  className: string;
  config: tf.serialization.ConfigDict;
  [key: string]: tf.serialization.ConfigDictValue;
}

/** A layer as another one's config holds it. */
export const configOf = (layer: layers.Layer): LayerConfig => ({ className: layer.getClassName(), config: layer.getConfig() });

/** @throws ValidationError for a class that nobody has registered */
export function layerFromConfig({ className, config }: LayerConfig, owner: string): layers.Layer {
  const known = tf.serialization.SerializationMap.getMap().classNameMap as unknown as Record<
    string,
    [tf.serialization.SerializableConstructor<layers.Layer>, tf.serialization.FromConfigMethod<layers.Layer>] | undefined
  >;
  const entry = known[className];
  if (entry === undefined)
    throw new ValidationError({
      owner,
      parameter: "layer",
      expected: `a registered layer class ${className}`,
      got: "none",
      fix: "Load its code, or call tf.serialization.registerClass, before",
    });
  return entry[1](entry[0], config);
}

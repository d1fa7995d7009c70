import * as tf from "@tensorflow/tfjs-core";

type Entry = [tf.serialization.SerializableConstructor<tf.serialization.Serializable>, (cls: unknown, config: object) => unknown];

/** Makes what tfjs has registered under a class name (layer, cell, initializer); undefined where nothing is. */
export function fromRegistry(className: string, config: tf.serialization.ConfigDict): unknown {
  const known = tf.serialization.SerializationMap.getMap().classNameMap as unknown as Record<string, Entry | undefined>;
  const entry = Object.hasOwn(known, className) ? known[className] : undefined;
  if (entry === undefined) return undefined;
  const [cls, make] = entry;
  return make(cls, config);
}

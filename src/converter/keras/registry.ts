import { serialization, tidy } from "@tensorflow/tfjs-core";
import type * as tfl from "@tensorflow/tfjs-layers";

type Registered = readonly [cls: new (args: object) => unknown, fromConfig: ((cls: unknown, config: object) => unknown) | undefined];

const classes = () => serialization.SerializationMap.getMap().classNameMap as unknown as Readonly<Record<string, Registered>>;

/** Whether tfjs, this library or the user registered a class (layer, activation, initialiser, ...) under a name. */
export const registered = (className: string) => Object.hasOwn(classes(), className);

/** A registered class itself. */
export const registeredClass = (className: string) => classes()[className][0];

/** A layer of a registered class, from a config in tfjs's spelling, which it may change. */
export function fromConfig(className: string, config: object): tfl.layers.Layer {
  const [cls, make] = classes()[className];
  return tidyLayer(() => (make === undefined ? new cls(config) : make(cls, config)) as tfl.layers.Layer);
}

/** Runs what makes layers and variables; intermediate tensors go, variables stay. */
export function tidyLayer<T>(run: () => T): T {
  const made: T[] = [];
  // tidy would look for tensors in whatever its function returns
  tidy(() => void made.push(run()));
  return made[0];
}

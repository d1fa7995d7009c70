import { dispose, engine, type Tensor, type Variable } from "@tensorflow/tfjs-core";
import type * as tfl from "@tensorflow/tfjs-layers";

/** States that a recurrent layer with `stateful` keeps from when it is built. */
interface Stateful {
  readonly states_?: Tensor[] | null;
  readonly keptStates?: Tensor[][];
  readonly forwardLayer?: tfl.layers.Layer;
  readonly backwardLayer?: tfl.layers.Layer;
}

function disposeStates(layer: tfl.layers.Layer): void {
  const { states_, keptStates, forwardLayer, backwardLayer } = layer as tfl.layers.Layer & Stateful;
  dispose([states_ ?? [], keptStates ?? []] as Tensor[][]);
  for (const part of [forwardLayer, backwardLayer]) if (part !== undefined) disposeStates(part);
}

/**
 * Runs what makes layers and variables; where it throws, the variables and states that it made go again. It must not wait for anything.
 * @param layers - filled with the layers as they are made
 */
export function withoutLeak<T>(layers: readonly tfl.layers.Layer[], run: () => T): T {
  const registered = engine().state.registeredVariables as Readonly<Record<string, Variable>>;
  const before = new Set(Object.values(registered));
  try {
    return run();
  } catch (error) {
    dispose(Object.values(registered).filter((variable) => !before.has(variable)));
    layers.forEach(disposeStates);
    throw error;
  }
}

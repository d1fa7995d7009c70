import { LayersModel, type layers } from "@tensorflow/tfjs-layers";
import { forgotten } from "../layers/innerLayer.ts";

/** What tfjs makes a model of; keys in snake case. */
interface SavedLayer {
  readonly config: Record<string, unknown> & {
    readonly name?: string;
    readonly layers?: readonly SavedLayer[];
    readonly layer?: SavedLayer;
  };
}

const snake = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** A model's topology, as of `model.toJSON`, with all settings of its layers. */
export function topologyOf(model: LayersModel): object {
  const json = model.toJSON(null, false) as unknown as SavedLayer;
  mend(model, json);
  return json;
}

function mend(layer: layers.Layer, { config }: SavedLayer): void {
  for (const [name, value] of forgotten(layer)) config[snake(name)] = value;
  const inner = layer as layers.Layer & { readonly layer?: layers.Layer };
  if (layer instanceof LayersModel) {
    for (const own of layer.layers) {
      const saved = config.layers?.find((other) => other.config.name === own.name);
      if (saved !== undefined) mend(own, saved);
    }
  } else if (inner.layer !== undefined && config.layer !== undefined) mend(inner.layer, config.layer);
}

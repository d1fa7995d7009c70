import type { layers } from "@tensorflow/tfjs-layers";
import { configOf, type LayerConfig } from "../../layers/innerLayer.ts";

/** The config of the average pooling that is like a max pooling layer; null for other layers. */
export function averagePool(layer: layers.Layer): LayerConfig | null {
  const { className, config } = configOf(layer);
  if (!/^(Nengo)?(Global)?MaxPool/.test(className)) return null;
  return { className: className.replace("Max", "Average"), config };
}

import { LayersModel, type SymbolicTensor } from "@tensorflow/tfjs-layers";

export type Layer = SymbolicTensor["sourceLayer"];

/** Layers of a model, those of models within it included, each once. */
export function allLayers(model: LayersModel): Layer[] {
  const found = new Set<Layer>();
  const visit = (inner: LayersModel): void => {
    for (const layer of inner.layers) {
      found.add(layer);
      if (layer instanceof LayersModel) visit(layer);
    }
  };
  visit(model);
  return [...found];
}

/** How often one run of the model calls a layer. */
export function callsOf(model: LayersModel, layer: Layer): number {
  const seen = new Set<string>();
  let calls = 0;
  const visit = (tensor: SymbolicTensor): void => {
    const { sourceLayer, nodeIndex } = tensor;
    const key = `${sourceLayer.id}:${nodeIndex}`;
    if (seen.has(key)) return;
    seen.add(key);
    if (sourceLayer === layer) calls++;
    else if (sourceLayer instanceof LayersModel) calls += callsOf(sourceLayer, layer);
    sourceLayer.inboundNodes[nodeIndex].inputTensors.forEach(visit);
  };
  model.outputs.forEach(visit);
  return calls;
}

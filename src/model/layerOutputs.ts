import { slice, tidy, Tensor } from "@tensorflow/tfjs-core";
import { LayersModel } from "@tensorflow/tfjs-layers";
import { checkInteger } from "../declared.ts";
import { ShapeError, ValidationError, describe } from "../errors.ts";
import { Graph } from "./graph.ts";
import { allLayers, type Layer } from "./modelLayers.ts";

/** What a layer gave: `[items, ...]`. */
export interface LayerOutput {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/**
 * First outputs of some layers of a model (those of models within it too) for data, by name, as in `predict`; of a layer that is called
 * several times, those of its first call.
 *
 * @param layers - layers or their names
 * @throws ValidationError for layers that the model does not have; ShapeError for another number of inputs
 */
export function layerOutputs(
  model: LayersModel,
  layers: readonly (Layer | string)[],
  x: Tensor | readonly Tensor[],
  { batchSize = 32 }: { readonly batchSize?: number } = {},
): Map<string, LayerOutput> {
  checkInteger("layerOutputs", "batchSize", batchSize, { min: 1 });
  const known = allLayers(model);
  const wanted = layers.map((layer) => {
    const found = known.find((one) => one === layer || one.name === layer);
    if (found !== undefined) return found;
    const expected = `layers of the model (${known.map(({ name }) => name).join(", ")})`;
    throw new ValidationError({ owner: "layerOutputs", parameter: "layers", expected, got: describe(layer) });
  });
  const data: readonly Tensor[] = x instanceof Tensor ? [x] : x;
  if (data.length !== model.inputs.length)
    throw new ShapeError({ owner: "layerOutputs", parameter: "x", expected: `${model.inputs.length} tensors`, got: `${data.length}` });
  const items = data[0].shape[0];
  const parts = new Map<Layer, LayerOutput[]>(wanted.map((layer) => [layer, []]));
  for (let start = 0; start < items; start += batchSize) {
    const seen = new Set<Layer>();
    tidy(() => {
      const run = (inner: LayersModel, inputs: readonly Tensor[]): Tensor[] =>
        new Graph(inner.inputs, inner.outputs).run(inputs, {}, (layer, given, [result]) => {
          if (layer instanceof LayersModel && allLayers(layer).some((one) => parts.has(one))) run(layer, given);
          if (!parts.has(layer) || seen.has(layer)) return;
          seen.add(layer);
          parts.get(layer)!.push({ shape: result.shape, data: Float32Array.from(result.dataSync()) });
        });
      run(
        model,
        data.map((tensor) => slice(tensor, start, Math.min(batchSize, items - start))),
      );
    });
  }
  return new Map(wanted.map((layer) => [layer.name, joined(parts.get(layer)!)]));
}

function joined(parts: readonly LayerOutput[]): LayerOutput {
  const data = new Float32Array(parts.reduce((sum, part) => sum + part.data.length, 0));
  let at = 0;
  for (const part of parts) {
    data.set(part.data, at);
    at += part.data.length;
  }
  return { shape: [parts.reduce((sum, { shape }) => sum + shape[0], 0), ...(parts[0]?.shape.slice(1) ?? [])], data };
}

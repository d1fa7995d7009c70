import { tensor, tidy, type Tensor } from "@tensorflow/tfjs-core";
import { models, type LayersModel, type LayerVariable } from "@tensorflow/tfjs-layers";
import { ConversionError } from "../errors.ts";
import { topologyOf } from "./configs.ts";
import type { Conversion } from "./conversion.ts";
import type { SpikingSource } from "./spiking/spikingSource.ts";
import type { TrainedWeights } from "./trainedWeights.ts";

/** Largest difference, as a part of the largest number, between copies of one weight that are still the same. */
const SAME = 1e-6;

/**
 * The model that a spiking one was made of, with the weights that it has now.
 * @throws ConversionError where a trainable weight has nothing that stands for it
 */
export async function writeBackSpiking({ model, weights }: SpikingSource): Promise<LayersModel> {
  const lost = model.layers.find((layer) => layer.trainable && layer.trainableWeights.some((weight) => !weights.has(weight)));
  if (lost !== undefined)
    throw new ConversionError(
      {
        owner: `toLayersModel of layer ${JSON.stringify(lost.name)}`,
        expected: "weights that the spiking model has too",
        got: "none that stand for the layer's",
      },
      { layer: lost.name },
    );
  const copy = await cloned(model);
  tidy(() => {
    copy.setWeights(model.weights.map((weight) => (weights.get(weight) ?? weight).read()));
  });
  return copy;
}

/** A model of the conversion's architecture with trained weights; without them, with those of the model itself. */
export async function writeBack(conversion: Conversion, trained: TrainedWeights | null): Promise<LayersModel> {
  const { model } = conversion;
  const copy = await cloned(model);
  const values = trained === null ? new Map<LayerVariable, ArrayLike<number>>() : layerWeights(conversion, trained);
  const copied = copiedWeights(conversion);
  tidy(() => {
    const weights = model.weights.map((variable): Tensor => {
      const own = values.get(variable);
      if (own !== undefined) return tensor(Float32Array.from(own), variable.shape as number[]);
      return (copied.get(variable) ?? variable).read();
    });
    copy.setWeights(weights);
  });
  return copy;
}

/** Weights of layers inside tensor nodes, by those of the layers that they were copied from. */
function copiedWeights({ calls }: Conversion): Map<LayerVariable, LayerVariable> {
  const pairs = calls.flatMap(({ copies }) =>
    copies.flatMap(({ source, copy }) => source.weights.map((weight, k) => [weight, copy.weights[k]] as const)),
  );
  return new Map(pairs);
}

/** Numbers of the layers' weights, from the connections that hold them. */
function layerWeights({ calls }: Conversion, trained: TrainedWeights): Map<LayerVariable, ArrayLike<number>> {
  const values = new Map<LayerVariable, ArrayLike<number>>();
  for (const { call, weights } of calls) {
    for (const { connection, variable, fromTransform } of weights) {
      const raw = trained.weights(connection)!.data;
      const now = fromTransform === null ? raw : fromTransform(raw);
      const before = values.get(variable);
      if (before !== undefined && differ(before, now))
        throw new ConversionError(
          {
            owner: `toLayersModel of layer ${JSON.stringify(call.path)}`,
            expected: "calls whose weights are still the same, since the layer has them once",
            got: "weights that went apart in training (splitSharedWeights)",
          },
          { layer: call.path },
        );
      values.set(variable, now);
    }
  }
  return values;
}

function differ(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  let [most, scale] = [0, 0];
  for (let k = 0; k < a.length; k++) {
    most = Math.max(most, Math.abs(a[k] - b[k]));
    scale = Math.max(scale, Math.abs(a[k]));
  }
  return most > SAME * scale;
}

/** A model of the same architecture, with weights of its own. */
async function cloned(model: LayersModel): Promise<LayersModel> {
  try {
    return await models.modelFromJSON(topologyOf(model) as Parameters<typeof models.modelFromJSON>[0]);
  } catch (error) {
    throw new ConversionError(
      {
        owner: `toLayersModel of model ${JSON.stringify(model.name)}`,
        expected: "a model that its own configuration makes again",
        got: error instanceof Error ? error.message : String(error),
        fix: "Register the classes of its layers (tf.serialization.registerClass)",
      },
      { cause: error },
    );
  }
}

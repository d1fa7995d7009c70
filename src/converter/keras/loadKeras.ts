import type * as tfl from "@tensorflow/tfjs-layers";
import { ConversionError, NengoError, describe } from "../../errors.ts";
import { assignWeights } from "./assignWeights.ts";
import { buildModel } from "./buildModel.ts";
import { withContents, type Contents } from "./contents.ts";
import { isModel, layerSpec } from "./layerSpec.ts";
import type { Dialect } from "./makeLayer.ts";
import { modelFiles, type KerasSource } from "./modelFiles.ts";
import { checkDepth } from "./plain.ts";
import { withoutLeak } from "./variables.ts";
import "../../layers/keras/index.ts";

/**
 * Loads a trained model: a `.keras` file of Keras 3, a whole-model `.h5` of Keras 2 or 3, or a `model.json` of tfjs with its shards
 * (quantised ones too). Layers that tfjs lacks are this library's, see docs/keras.md. The model is not compiled.
 *
 * @param source - a path (Node), or what was fetched: the bytes of one file, or several files by name
 * @returns the model with the file's weights, float32
 * @throws ConversionError that says what the file lacks, or which layer or option tfjs cannot do
 */
export async function loadKeras(source: KerasSource): Promise<tfl.LayersModel> {
  const files = await modelFiles(source);
  return withContents(files, (contents) => {
    try {
      const layers: tfl.layers.Layer[] = [];
      return withoutLeak(layers, () => modelOf(contents, layers));
    } catch (cause) {
      // A damaged config can hold any value anywhere; what nobody foresaw is told as such, with its cause.
      if (cause instanceof NengoError) throw cause;
      throw new ConversionError(
        {
          owner: `loadKeras ${files.main}`,
          expected: "a Keras model",
          got: `one that cannot be read: ${(cause as Error).message}`,
          fix: "Copy or save the file again",
        },
        { cause },
      );
    }
  });
}

function modelOf({ config, weights, kerasVersion }: Contents, layers: tfl.layers.Layer[]): tfl.LayersModel {
  checkDepth(config, "loadKeras");
  const spec = layerSpec(config, "the model");
  if (!isModel(spec)) {
    throw new ConversionError({
      owner: "loadKeras",
      expected: "a Sequential or functional model",
      got: `the class ${describe(spec.className)}`,
      fix: "A subclassed model keeps its graph in Python code: build it with the functional API, copy the weights, and save that",
    });
  }
  const keras3 = kerasVersion === null ? spec.module !== "" : kerasVersion.startsWith("3");
  const dialect: Dialect = { keras3, layers, model: (inner) => buildModel(inner, null, dialect) };
  const made = buildModel(spec, null, dialect);
  assignWeights(made, weights);
  return made.layer;
}

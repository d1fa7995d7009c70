import { LayersModel } from "@tensorflow/tfjs-layers";
import { Conversion, conversionOf } from "./conversion.ts";
import { fromNetwork } from "./fromNetwork.ts";
import { spikingSource } from "./spiking/spikingSource.ts";
import { onto, trainedWeights, type Trained } from "./trainedWeights.ts";
import { writeBack, writeBackSpiking } from "./writeBack.ts";

/** Options of {@link toLayersModel}. */
export interface ToLayersModelOptions {
  /** The conversion that made the network, where `x` holds a copy of it: a model that was saved and loaded. @defaultValue that of the network */
  readonly conversion?: Conversion;
}

/**
 * Back to an ordinary `tf.LayersModel`. What came from a model becomes one of the same architecture, with the weights as they are
 * now; a network that never was a model becomes one layer a part, where every part has a counterpart. The model is the caller's to
 * dispose.
 * @param x - a conversion, a simulator of its network (or of any other), a model that holds the network, or one of `toSpiking`
 * @throws ConversionError where a part has no counterpart, or calls that share weights went apart in training
 */
export async function toLayersModel(x: Conversion | Trained, options: ToLayersModelOptions = {}): Promise<LayersModel> {
  if (x instanceof Conversion) return writeBack(x, null);
  const source = x instanceof LayersModel ? spikingSource(x) : undefined;
  if (source !== undefined) return writeBackSpiking(source);
  const trained = trainedWeights(x);
  const conversion = options.conversion ?? conversionOf(trained.network);
  return conversion === undefined ? fromNetwork(trained) : writeBack(conversion, onto(conversion.network, trained));
}

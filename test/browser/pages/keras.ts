import * as tf from "@tensorflow/tfjs";
import { convert, loadKeras, toSpiking } from "../../../src/converter/index.ts";

const numbers = (outputs: tf.Tensor | tf.Tensor[]): number[][] => [outputs].flat().map((y) => Array.from(y.dataSync()));

/**
 * Loads a Keras file from its bytes, converts it both ways, and gives predictions for inputs that are always the same.
 * @param input - bytes as base64
 */
export async function run({ base64 }: { readonly base64: string }) {
  await tf.setBackend("cpu");
  const model = await loadKeras(Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0)));
  const shapes = model.inputs.map(({ shape }) => [2, ...shape.slice(1)] as number[]);
  const x = shapes.map((shape) =>
    tf.tensor(
      Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, k) => Math.sin(1.3 * k)),
      shape,
    ),
  );
  const predicted = numbers(model.predict(x));
  const conversion = await convert(model, { inferenceOnly: true });
  const { rates } = await conversion.verify(x);
  const spiking = await toSpiking(model, { steps: 5, scaleFiringRates: "auto", data: x, seed: 1 });
  const overTime = x.map((one) => tf.tile(one.expandDims(1), [1, 5, ...one.shape.slice(1).map(() => 1)]));
  const spikes = numbers(spiking.predict(overTime));
  return { predicted, spikes, layers: model.layers.map(({ name }) => name), errors: rates.map(({ error }) => error) };
}

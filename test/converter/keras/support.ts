import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

/** Folder of the Keras files; the tests run from dist/. */
export const fixtures = fileURLToPath(new URL("../../../../test/fixtures/keras/", import.meta.url));

interface Array_ {
  readonly shape: number[];
  readonly data: number[];
}

/** Inputs and Keras's outputs of a file. */
export interface Numbers {
  readonly inputs: Array_[];
  readonly outputs: Array_[];
}

export async function numbersOf(version: "keras2" | "keras3"): Promise<Record<string, Numbers>> {
  return JSON.parse(await readFile(`${fixtures}${version}/numbers.json`, "utf8")) as Record<string, Numbers>;
}

/** Predictions of a model for inputs, as plain lists. */
export function predictions(model: tf.LayersModel, inputs: readonly Array_[]): { shape: number[]; data: Float32Array }[] {
  return tf.tidy(() => {
    const tensors = inputs.map(({ shape, data }, i) => tf.tensor(data, shape, model.inputs[i].dtype));
    const predicted = model.predict(tensors);
    const outputs = Array.isArray(predicted) ? predicted : [predicted];
    return outputs.map((output) => ({ shape: output.shape, data: output.dataSync<"float32">() }));
  });
}

/** The model gives what Keras gave, within 1e-5 of the largest number of each output (at least of 1). */
export function expectSame(model: tf.LayersModel, { inputs, outputs }: Numbers): void {
  const got = predictions(model, inputs);
  expect(got.length, "outputs").to.equal(outputs.length);
  got.forEach(({ shape, data }, i) => {
    expect(shape, `shape of output ${i}`).to.deep.equal(outputs[i].shape);
    const scale = Math.max(1, ...outputs[i].data.map(Math.abs));
    const off = outputs[i].data.findIndex((wanted, at) => !(Math.abs(data[at] - wanted) <= 1e-5 * scale));
    if (off >= 0) expect.fail(`output ${i} (${model.outputs[i].name}), number ${off}: expected ${outputs[i].data[off]}, got ${data[off]}`);
  });
}

/** Frees a model's weights; `dispose` of tfjs leaves those of layers that are called more than once. */
export function disposeModel(model: tf.LayersModel): void {
  tf.dispose(model.weights.map((weight) => weight.read()));
}

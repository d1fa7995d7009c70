import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import * as nengo from "../../src/index.ts";
import { runRates } from "../../src/converter/rateRun.ts";
import { RandomState } from "../../src/math/random.ts";

/** Normal numbers of a seed as a tensor. */
export const normals = (shape: readonly number[], seed = 0): tf.Tensor =>
  tf.tensor(Float32Array.from(new RandomState(seed).normals(shape.reduce((a, b) => a * b, 1))), [...shape]);

/** Sets every weight to numbers that are not special: initial biases are 0, and initial variances 1. */
export function randomise(model: tf.LayersModel, seed = 1): void {
  tf.tidy(() => {
    model.setWeights(
      model.weights.map((weight, k) => {
        const x = normals(weight.shape as number[], seed + k);
        return weight.originalName.includes("variance") ? x.abs().add(0.5) : x.mul(0.5);
      }),
    );
  });
}

/** Largest difference, as a part of the largest number of `wanted`. */
export function relativeError(got: tf.Tensor, wanted: tf.Tensor): number {
  expect(got.shape).to.deep.equal(wanted.shape);
  const [a, b] = [got.dataSync<"float32">(), wanted.dataSync<"float32">()];
  const scale = b.reduce((most, v) => Math.max(most, Math.abs(v)), 1e-30);
  return a.reduce((most, v, k) => Math.max(most, Number.isNaN(v) ? Infinity : Math.abs(v - b[k])), 0) / scale;
}

/** Converts a model and expects its rate network to give what the model gives, within 1e-5 of every output's scale. */
export async function expectSameFunction(
  model: tf.LayersModel,
  options: nengo.ConvertOptions = {},
  { items = 2, inputs }: { items?: number; inputs?: tf.Tensor[] } = {},
): Promise<nengo.Conversion> {
  const conversion = await nengo.convert(model, options);
  const x = inputs ?? conversion.graph.inputs.map(({ shape }, k) => normals([items, ...shape], 10 + k));
  const wanted = [model.predict(x)].flat();
  const ports = conversion.graph.outputs.map((value) => conversion.portOf(value));
  const got = runRates(conversion, x, ports);
  ports.forEach((port, k) =>
    expect(relativeError(got.get(port)!, wanted[k]), `output ${k}\n${String(conversion.report)}`).to.be.lessThan(1e-5),
  );
  tf.dispose([...got.values(), ...wanted, ...(inputs === undefined ? x : [])]);
  return conversion;
}

/** Architecture, weights (within 1e-6 of scale) and outputs of a model are those of another one. */
export function expectSameModel(got: tf.LayersModel, wanted: tf.LayersModel): void {
  const config = (model: tf.LayersModel): unknown => model.toJSON(null, false);
  expect(config(got)).to.deep.equal(config(wanted));
  expect(got.weights.length).to.equal(wanted.weights.length);
  got.weights.forEach((weight, k) => expect(relativeError(weight.read(), wanted.weights[k].read()), weight.name).to.be.lessThan(1e-6));
}

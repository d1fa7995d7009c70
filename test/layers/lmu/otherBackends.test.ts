import * as tf from "@tensorflow/tfjs";
import { waves } from "../support.ts";
import { combinations, expectClose, fused, looped, outputsAndGradients, setWeights } from "./support.ts";

/** A backend that is known to none of our kernels: tfjs's own for the CPU under another name. */
const NAME = "plain";

describe("lmu on a backend without kernels of ours", () => {
  before(async () => {
    await tf.setBackend("cpu");
    const { constructor } = tf.backend();
    tf.copyRegisteredKernels("cpu", NAME);
    tf.registerBackend(NAME, () => new (constructor as new () => tf.KernelBackend)());
    await tf.setBackend(NAME);
  });
  after(async () => {
    await tf.setBackend("cpu");
    tf.removeBackend(NAME);
  });

  for (const [what, hidden, options] of combinations) {
    it(`with ${what}: outputs, states and gradients are those of tfjs's loop`, () => {
      const x = waves([2, 5, 2], 1);
      const args = { ...options, returnSequences: true, returnState: true };
      const layers = [fused(hidden, args) as tf.layers.Layer, looped(hidden, args)];
      const [got, wanted] = layers.map((layer) => {
        tf.dispose(layer.apply(x) as tf.Tensor[]);
        setWeights(layer);
        return outputsAndGradients(layer, x);
      });
      got.outputs.forEach((values, k) => expectClose(values, wanted.outputs[k], 5e-6, `output ${k}`));
      got.gradients.forEach((values, k) => expectClose(values, wanted.gradients[k], 2e-5, `gradient ${k}`));
      x.dispose();
      layers.forEach((layer) => layer.dispose());
    });
  }
});

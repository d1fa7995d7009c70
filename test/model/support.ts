import * as tf from "@tensorflow/tfjs";

/** A layer with two outputs, x -> [w x, (w x)^2], which counts its calls on values. */
export class TwoOutputs extends tf.layers.Layer {
  static className = "TestTwoOutputs";
  calls = 0;
  #w!: tf.LayerVariable;

  override build(): void {
    this.#w = this.addWeight("w", [1], "float32", tf.initializers.constant({ value: 2 }));
    this.built = true;
  }
  override computeOutputShape(shape: tf.Shape): tf.Shape[] {
    return [shape, shape];
  }
  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor[] {
    this.calls++;
    return tf.tidy(() => {
      const y = tf.mul([inputs].flat()[0], this.#w.read());
      return [y, tf.square(y)];
    });
  }
}
tf.serialization.registerClass(TwoOutputs);

/** A dense layer whose kernel and bias are constants. */
export function constantDense(name: string, units: number, kernel: number, bias = 0) {
  return tf.layers.dense({
    name,
    units,
    kernelInitializer: tf.initializers.constant({ value: kernel }),
    biasInitializer: tf.initializers.constant({ value: bias }),
  });
}

/** Numbers in a fixed, irregular order. */
export const wave = (count: number, phase = 0): number[] => Array.from({ length: count }, (_, i) => Math.sin(1.7 * i + phase));

/** All weights of a model, flat. */
export const weightsOf = (model: tf.LayersModel): number[] =>
  tf.tidy(() => model.getWeights().flatMap((weight) => Array.from(weight.dataSync())));

/** Numbers from the scalars that `evaluate` gives, which are disposed. */
export function numbers(scores: tf.Scalar | tf.Scalar[]): number[] {
  return [scores].flat().map((score) => {
    const value = score.dataSync()[0];
    score.dispose();
    return value;
  });
}

/** The error that `run` throws or rejects with. */
export async function caught(run: () => unknown): Promise<Error> {
  try {
    await run();
  } catch (error) {
    return error as Error;
  }
  throw new Error("expected an error");
}

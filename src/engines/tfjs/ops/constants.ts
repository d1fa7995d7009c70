import * as tf from "@tensorflow/tfjs-core";
import type { Scalars } from "./expressionOps.ts";

/** Tensors that are made once in a run and good for all its steps; they outlive the steps' `tidy`. */
export class Constants implements Scalars {
  private readonly known = new Map<unknown, Map<unknown, tf.Tensor>>();

  /** What `make` gives, made once for an owner and a key. */
  once<T extends tf.Tensor>(owner: unknown, key: unknown, make: () => T): T {
    let of = this.known.get(owner);
    if (of === undefined) this.known.set(owner, (of = new Map<unknown, tf.Tensor>()));
    let tensor = of.get(key);
    if (tensor === undefined) {
      // A tensor of its own (sharing data is fine), since what is kept here is disposed of at the end.
      tensor = tf.keep(tf.tidy(() => tf.clone(make())));
      of.set(key, tensor);
    }
    return tensor as T;
  }

  scalar(value: number): tf.Scalar {
    return this.once(this, Object.is(value, -0) ? "-0" : value, () => tf.scalar(value, "float32"));
  }

  filled(shape: readonly number[], value: number): tf.Tensor {
    return this.once(this, `${value} [${shape.join()}]`, () => tf.fill([...shape], value));
  }

  /** Numbers of an operator, e.g. indices. */
  array(numbers: Int32Array | Float64Array, shape: number[]): tf.Tensor {
    return this.once(numbers, shape.join(), () =>
      numbers instanceof Int32Array ? tf.tensor(numbers, shape, "int32") : tf.tensor(Float32Array.from(numbers), shape, "float32"),
    );
  }

  dispose(): void {
    for (const of of this.known.values()) for (const tensor of of.values()) tensor.dispose();
    this.known.clear();
  }
}

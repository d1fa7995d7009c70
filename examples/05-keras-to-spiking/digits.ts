import * as tf from "@tensorflow/tfjs";
import { mnist, type Mnist } from "../support/mnist.ts";

/** MNIST with ink from 0 to 255, as the tutorial has it: activations are tens and hundreds, which as rates are Hz. */
export function digits(part: "train" | "test", count: number): Mnist {
  const { images, ...rest } = mnist(part, count);
  const raw = tf.tidy(() => tf.mul<tf.Tensor2D>(images, 255));
  images.dispose();
  return { ...rest, images: raw };
}

/** Rows of 784 numbers as pictures `[items, 28, 28, 1]`. */
export const pictures = (images: tf.Tensor2D): tf.Tensor4D => tf.reshape(images, [-1, 28, 28, 1]);

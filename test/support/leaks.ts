import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";

/** Runs `work` twice and expects the second call to leave as many tensors and buffers as it found; the first may make what is kept. */
export async function expectNoLeaks(work: () => unknown, what = "the work"): Promise<void> {
  await work();
  const { numTensors, numDataBuffers } = tf.memory();
  await work();
  const now = tf.memory();
  expect(now.numTensors - numTensors, `tensors left by ${what}`).to.equal(0);
  expect(now.numDataBuffers - numDataBuffers, `buffers left by ${what}`).to.equal(0);
}

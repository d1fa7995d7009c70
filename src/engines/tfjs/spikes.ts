import * as tf from "@tensorflow/tfjs-core";
import { kernelBackends } from "../kernels/programKernel.ts";
import { runSpikes } from "../kernels/spikesKernel.ts";

/** What {@link spikes} gives. */
export interface Spikes {
  /** `[batch, nSteps, units]`: counts / dt. */
  readonly output: tf.Tensor3D;
  /** After the last step, `[batch, units]`, from 0 to below 1. */
  readonly voltage: tf.Tensor2D;
}

/**
 * Spikes at given rates: each unit sums its rate up, and the whole part of the sum leaves as spikes. The gradient is that of the rates
 * themselves; none flows through the voltage.
 * @param rates - `[batch, nSteps, units]`, 1/s; where negative, so are the spikes
 * @param voltage - before the first step, `[batch, units]`
 * @param dt - seconds
 */
export function spikes(rates: tf.Tensor3D, voltage: tf.Tensor2D, dt: number): Spikes {
  return (kernelBackends as readonly string[]).includes(tf.getBackend())
    ? runSpikes(rates, voltage, dt)
    : composedSpikes(rates, voltage, dt);
}

/** Steps that are summed up at once, in float32: few enough that the sums keep their fractions. */
const BLOCK = 64;

/** As {@link spikes}, of tf ops: on any backend, in its float32. */
export function composedSpikes(rates: tf.Tensor3D, voltage: tf.Tensor2D, dt: number): Spikes {
  let after: tf.Tensor2D | null = null;
  const output = tf.customGrad((a, v) => {
    const forward = closedForm(a as tf.Tensor3D, v as tf.Tensor2D, dt);
    after = tf.keep(forward.voltage);
    return { value: forward.output, gradFunc: (dy: tf.Tensor) => [tf.clone(dy), tf.zeros(voltage.shape)] };
  })(rates, voltage) as tf.Tensor3D;
  // Kept out of the tidy of tfjs around the function above; a copy belongs to the caller's.
  const kept = after as unknown as tf.Tensor2D;
  const copy = tf.clone(kept);
  kept.dispose();
  return { output, voltage: copy };
}

/** With S = v + the sum of a dt, counts are differences of floor(S): no loop over steps, only over blocks of them. */
function closedForm(rates: tf.Tensor3D, voltage: tf.Tensor2D, dt: number): Spikes {
  const [batch, nSteps, units] = rates.shape;
  // Sums run over the last axis: tfjs is slow, or wrong, along others.
  const charges = tf.mul(tf.transpose(rates, [0, 2, 1]), dt);
  let v = tf.reshape(voltage, [batch, units, 1]);
  const counts: tf.Tensor[] = [];
  for (let from = 0; from < nSteps; from += BLOCK) {
    const steps = Math.min(BLOCK, nSteps - from);
    const sums = tf.add(tf.cumsum(tf.slice(charges, [0, 0, from], [batch, units, steps]), 2), v);
    const whole = tf.floor(sums);
    const before = tf.concat([tf.zeros([batch, units, 1]), tf.slice(whole, [0, 0, 0], [batch, units, steps - 1])], 2);
    counts.push(tf.sub(whole, before));
    v = tf.slice(tf.sub(sums, whole), [0, 0, steps - 1], [batch, units, 1]);
  }
  return {
    output: tf.transpose(tf.div(tf.concat(counts, 2), dt), [0, 2, 1]),
    voltage: tf.reshape(v, [batch, units]),
  };
}

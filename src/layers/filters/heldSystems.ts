import * as tf from "@tensorflow/tfjs-core";
import { discretize, type StateSpace } from "../../math/stateSpace.ts";

/**
 * Zero-order hold of a system, whose time constants are multiplied by exp(logTau), for steps of `dt` seconds. In float64: in float32
 * the coefficients of slow filters would lose most of their digits.
 * @param logTau - `[n]`
 * @returns A (row by row), then B, `[order * order + order, n]` in one row
 *
 * With M = [[A, B], [0, 0]] and h = dt / tau the held system is E = exp(h M), and dE / d log(tau) = -h M E.
 */
export function heldSystems(system: StateSpace, dt: number, logTau: tf.Tensor1D): tf.Tensor1D {
  const { order } = system;
  const count = order * order + order;
  const held = (logs: ArrayLike<number>): StateSpace[] => {
    const known = new Map<number, StateSpace>();
    return Array.from(logs, (log) => {
      let found = known.get(log);
      if (found === undefined) known.set(log, (found = discretize(system, dt * Math.exp(-log), "zoh")));
      return found;
    });
  };
  return tf.customGrad((...args: unknown[]) => {
    const [given, save] = args as [tf.Tensor1D, (tensors: tf.Tensor[]) => void];
    const n = given.size;
    const out = new Float32Array(count * n);
    held(given.dataSync()).forEach(({ A, B }, unit) => {
      A.forEach((a, k) => (out[k * n + unit] = a));
      B.forEach((b, k) => (out[(order * order + k) * n + unit] = b));
    });
    save([given]);
    return {
      value: tf.tensor1d(out),
      gradFunc: (dy: tf.Tensor, [saved]: tf.Tensor[]) => {
        const d = dy.dataSync();
        const logs = saved.dataSync();
        const result = held(logs).map(({ A, B }, unit) => {
          const h = dt * Math.exp(-logs[unit]);
          let sum = 0;
          for (let i = 0; i < order; i++) {
            for (let j = 0; j < order; j++) {
              let slope = 0;
              for (let k = 0; k < order; k++) slope += system.A[i * order + k] * A[k * order + j];
              sum += d[(i * order + j) * n + unit] * slope;
            }
            let slope = system.B[i];
            for (let k = 0; k < order; k++) slope += system.A[i * order + k] * B[k];
            sum += d[(order * order + i) * n + unit] * slope;
          }
          return -h * sum;
        });
        return tf.tensor1d(Float32Array.from(result));
      },
    };
  })(logTau);
}

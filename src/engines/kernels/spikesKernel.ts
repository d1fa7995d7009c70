import * as tf from "@tensorflow/tfjs-core";
import type { Floats } from "../engine.ts";
import { arenaOf } from "./backendArena.ts";
import { kernelBackends } from "./programKernel.ts";

/*
 * Spikes of rates: v' = v + a dt, n = floor(v'), v = v' - n, output = n / dt, a unit each. The gradient of the output with respect to
 * the rates is the identity, at every step by itself; nothing flows through v. v is kept in float64: what is left after the whole part
 * is taken off is exact, so that sums of any length count right.
 */

const SPIKES = "NengoSpikes";

interface Attributes {
  /** Seconds. */
  readonly dt: number;
}

interface Backend {
  readSync(dataId: object): Float32Array;
  write(values: Float32Array, shape: number[], dtype: "float32"): object;
}

type Shape3 = readonly [batch: number, nSteps: number, units: number];

/** All steps of all units; `v` is changed in place. */
function integrate(a: Floats, v: Floats, output: Floats, [batch, nSteps, units]: Shape3, dt: number): void {
  const sums = new Float64Array(units);
  const perSecond = 1 / dt;
  for (let b = 0; b < batch; b++) {
    const item = b * units;
    for (let i = 0; i < units; i++) sums[i] = v[item + i];
    for (let k = 0; k < nSteps; k++) {
      const row = (b * nSteps + k) * units;
      for (let i = 0; i < units; i++) {
        const sum = sums[i] + a[row + i] * dt;
        const count = Math.floor(sum);
        sums[i] = sum - count;
        output[row + i] = count * perSecond;
      }
    }
    for (let i = 0; i < units; i++) v[item + i] = sums[i];
  }
}

function kernel({ inputs, attrs, backend }: { inputs: unknown; attrs?: unknown; backend: unknown }): tf.TensorInfo[] {
  const { rates, voltage } = inputs as { rates: tf.TensorInfo; voltage: tf.TensorInfo };
  const { dt } = attrs as Attributes;
  const shape = rates.shape as unknown as Shape3;
  const arena = arenaOf(backend);
  if (arena !== null) {
    // All room is taken before there are views, which growing memory would detach.
    const [output, after] = [arena.output(rates.shape), arena.output(voltage.shape)];
    const [a, v] = [arena.arrayOf(rates), arena.arrayOf(voltage)];
    if (a !== null && v !== null) {
      after.array.values.set(v.values);
      integrate(a.values, after.array.values, output.array.values, shape, dt);
      return [output.tensor, after.tensor];
    }
  }
  const b = backend as Backend;
  const output = new Float32Array(shape[0] * shape[1] * shape[2]);
  const v = Float32Array.from(b.readSync(voltage.dataId));
  integrate(b.readSync(rates.dataId), v, output, shape, dt);
  return [
    { dataId: b.write(output, rates.shape, "float32"), shape: rates.shape, dtype: "float32" },
    { dataId: b.write(v, voltage.shape, "float32"), shape: voltage.shape, dtype: "float32" },
  ];
}

for (const backendName of kernelBackends) tf.registerKernel({ kernelName: SPIKES, backendName, kernelFunc: kernel });
tf.registerGradient({
  kernelName: SPIKES,
  inputsToSave: ["voltage"],
  gradFunc: (dys, [voltage]) => ({
    rates: () => tf.clone((dys as tf.Tensor[])[0]),
    voltage: () => tf.zerosLike(voltage),
  }),
});

/** Output spikes and the voltages after the last step, by the kernel; for one of {@link kernelBackends}. */
export function runSpikes(rates: tf.Tensor3D, voltage: tf.Tensor2D, dt: number): { output: tf.Tensor3D; voltage: tf.Tensor2D } {
  const attrs: Attributes = { dt };
  const [output, after] = tf.engine().runKernel(SPIKES, { rates, voltage }, attrs as unknown as tf.NamedAttrMap) as unknown as [
    tf.Tensor3D,
    tf.Tensor2D,
  ];
  return { output, voltage: after };
}

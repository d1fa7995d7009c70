import * as tf from "@tensorflow/tfjs";
import * as nengo from "tfjs-nengo";
import { check, largestDifference, plotsOf, rmse, timed } from "../report.ts";

/** The shifted Legendre polynomial of degree `i` at `r` in [0, 1]: what the coefficient i of the memory says of `r * theta` steps ago. */
function legendre(i: number, r: number): number {
  const x = 2 * r - 1;
  let [before, value] = [1, x];
  if (i === 0) return 1;
  for (let n = 1; n < i; n++) [before, value] = [value, ((2 * n + 1) * x * value - n * before) / (n + 1)];
  return value;
}

/** What was 100 and 200 steps ago, read out of a memory of 200 steps. */
export function rememberedSignal(): void {
  const { figure } = plotsOf("03-lmu");
  const [order, theta, steps] = [12, 200, 1000];
  const layer = nengo.layers.lmu({ memoryD: 1, order, theta, hiddenCell: null, kernelInitializer: null, returnSequences: true });
  const signal = Float64Array.from({ length: steps }, (_, t) => 0.6 * Math.sin(t / 31) + 0.4 * Math.sin(t / 57 + 1));
  const memory = tf.tidy(() => (layer.apply(tf.tensor3d(Float32Array.from(signal), [1, steps, 1])) as tf.Tensor).dataSync());
  const ago = (delay: number): Float64Array =>
    Float64Array.from({ length: steps }, (_, t) =>
      Array.from({ length: order }, (_, i) => memory[t * order + i] * legendre(i, delay / theta)).reduce((a, b) => a + b, 0),
    );
  const time = Array.from({ length: steps }, (_, t) => t);
  figure(
    "memory",
    "A memory of 200 steps, read out",
    "value",
    [
      { label: "signal", x: time, y: signal, color: "#bbb" },
      { label: "100 steps ago", x: time, y: ago(100) },
      { label: "200 steps ago", x: time, y: ago(200) },
    ],
    "step",
  );
  for (const delay of [100, 200]) {
    const error = rmse(ago(delay).subarray(2 * theta), signal.subarray(2 * theta - delay, steps - delay));
    check(
      error < 0.02,
      `what was ${delay} steps ago is remembered with an error of ${error.toFixed(4)} (signal of ${rmse(
        signal,
        signal.map(() => 0),
      ).toFixed(2)})`,
    );
  }
  layer.dispose();
}

/** The same unit step by step in tfjs's loop, and as the fused layer. */
export async function twoForms(): Promise<void> {
  const args = { memoryD: 1, order: 64, theta: 200, kernelInitializer: "ones" as const };
  const hiddenCell = (): tf.RNN["cell"] =>
    tf.layers.simpleRNNCell({
      units: 32,
      kernelInitializer: tf.initializers.glorotUniform({ seed: 1 }),
      recurrentInitializer: tf.initializers.glorotUniform({ seed: 2 }),
    });
  const loop = tf.layers.rnn({ cell: nengo.layers.lmuCell({ ...args, hiddenCell: hiddenCell() }) });
  const fused = nengo.layers.lmu({ ...args, hiddenCell: hiddenCell() });
  const x = tf.randomUniform([16, 200, 1], -1, 1, "float32", 3);
  const results: [ArrayLike<number>, number][] = [];
  for (const layer of [loop, fused]) {
    const run = (): ArrayLike<number> => tf.tidy(() => (layer.apply(x) as tf.Tensor).dataSync());
    run();
    results.push(await timed(run));
  }
  const [[slow, slowTime], [fast, fastTime]] = results;
  const off = largestDifference(fast, slow);
  check(
    off < 2e-5,
    `both forms differ by ${off.toExponential(1)}; ${slowTime.toFixed(1)} ms step by step, ${fastTime.toFixed(1)} ms fused (memory: ${fused.path!.memory}, hidden: ${fused.path!.hidden})`,
  );
  x.dispose();
  loop.dispose();
  fused.dispose();
}

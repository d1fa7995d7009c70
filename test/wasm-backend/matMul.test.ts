import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import fc from "fast-check";
import { describeCompleted, expectAsOnCpu, floats } from "./support.ts";

/** Operands of a product, stored transposed or not. */
function operands(
  batchA: number[],
  batchB: number[],
  [m, k, n]: number[],
  transposeA: boolean,
  transposeB: boolean,
): [tf.Tensor, tf.Tensor] {
  return [floats([...batchA, ...(transposeA ? [k, m] : [m, k])], 1), floats([...batchB, ...(transposeB ? [n, k] : [k, n])], 2)];
}

const product = (batchA: number[], batchB: number[], sizes: number[], transposeA: boolean, transposeB: boolean) => (): tf.Tensor =>
  tf.matMul(...operands(batchA, batchB, sizes, transposeA, transposeB), transposeA, transposeB);

const BOOLEANS = [false, true];
const transposes = BOOLEANS.flatMap((a) => BOOLEANS.map((b) => [a, b] as const));

describeCompleted("matMul of the completed wasm backend", () => {
  for (const [transposeA, transposeB] of transposes)
    it(`multiplies ${transposeA ? "A'" : "A"} ${transposeB ? "B'" : "B"}`, async () => {
      const sizes = [0, 1, 2, 3, 4, 5, 7, 8, 9, 16, 17, 33];
      for (const m of sizes) for (const n of sizes) await expectAsOnCpu(product([], [], [m, (3 * m + n) % 11, n], transposeA, transposeB));
      // more than a block of rows, of columns and of depth
      for (const big of [
        [70, 3, 5],
        [5, 300, 6],
        [6, 5, 270],
        [67, 259, 9],
        [3, 260, 37],
        [37, 260, 1],
        [1, 259, 35],
        [1, 3, 1],
      ])
        await expectAsOnCpu(product([], [], big, transposeA, transposeB));
    });

  it("multiplies products of any size with batch axes that broadcast", () =>
    fc.assert(
      fc.asyncProperty(
        fc.tuple(fc.nat(9), fc.nat(9), fc.nat(9)),
        fc.array(fc.tuple(fc.integer({ min: 1, max: 3 }), fc.constantFrom("both", "a", "b")), { maxLength: 3 }),
        fc.nat(3),
        fc.boolean(),
        fc.boolean(),
        async (sizes, batch, dropped, transposeA, transposeB) => {
          const batchA = batch.map(([extent, whose]) => (whose === "b" ? 1 : extent));
          const batchB = batch.map(([extent, whose]) => (whose === "a" ? 1 : extent)).slice(dropped);
          // tfjs's cpu backend broadcasts batches wrongly in general (one index modulo each size), so it multiplies tensors that are broadcast before
          const whole = tf.broadcast_util.assertAndGetBroadcastShape(batchA, batchB);
          await expectAsOnCpu(() => {
            const [a, b] = operands(batchA, batchB, sizes, transposeA, transposeB);
            if (tf.getBackend() === "wasm") return tf.matMul(a, b, transposeA, transposeB);
            const [x, y] = [a, b].map((t) => tf.broadcastTo(t, [...whole, ...t.shape.slice(-2)]));
            return tf.matMul(x, y, transposeA, transposeB);
          });
        },
      ),
      { numRuns: 150 },
    ));

  it("fuses bias and activation", async () => {
    const activations = ["linear", "relu", "relu6", "elu", "sigmoid", "leakyrelu", "prelu"] as const;
    for (const activation of activations)
      for (const [transposeA, transposeB] of transposes)
        for (const bias of [undefined, [7], [1], []])
          for (const sizes of [
            [5, 6, 7],
            [1, 9, 7],
            [0, 3, 7],
          ])
            await expectAsOnCpu(() => {
              const [a, b] = operands([], [], sizes, transposeA, transposeB);
              return tf.fused.matMul({
                a,
                b: b.mul(5),
                transposeA,
                transposeB,
                activation,
                ...(bias === undefined ? {} : { bias: floats(bias, 3) }),
                ...(activation === "prelu" ? { preluActivationWeights: floats([7], 4) } : {}),
                ...(activation === "leakyrelu" ? { leakyreluAlpha: 0.3 } : {}),
              });
            });
  });

  it("has gradients", async () => {
    for (const [transposeA, transposeB] of transposes)
      for (const [batchA, batchB] of [
        [[], []],
        [[3], [3]],
        [
          [2, 3],
          [2, 3],
        ],
      ])
        await expectAsOnCpu(() => {
          const inputs = operands(batchA, batchB, [5, 6, 9], transposeA, transposeB);
          return tf.grads((a, b) => tf.matMul(a, b, transposeA, transposeB).square().sum())(inputs);
        });
    await expectAsOnCpu(() =>
      tf.grads((a, b, bias) => tf.fused.matMul({ a: a, b: b, bias, activation: "relu" }).square().sum())([
        floats([5, 6]),
        floats([6, 7], 2),
        floats([7], 3),
      ]),
    );
  });

  it("refuses sizes that do not fit, and other dtypes as tfjs does", async () => {
    await tf.setBackend("wasm");
    expect(() => tf.matMul(tf.ones([2, 3]), tf.ones([2, 3]))).to.throw(/inner shapes/);
    const integers = tf.ones([2, 2], "int32");
    expect(() => tf.matMul(integers, integers)).to.throw(/float32/);
  });
});

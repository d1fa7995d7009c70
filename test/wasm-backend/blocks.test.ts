import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import fc from "fast-check";
import { DTYPES, as, expectAsOnCpu, values, withCompletedWasm } from "./support.ts";

const shapes = [[], [1], [7], [4, 5], [3, 4, 5], [2, 3, 4, 5], [2, 1, 3, 2, 4], [2, 2, 1, 3, 2, 2]];
const dtype = fc.constantFrom(...DTYPES);
const size = fc.integer({ min: 0, max: 5 });

/** A shape and one axis of it. */
const shapeAndAxis = fc
  .array(size, { minLength: 1, maxLength: 5 })
  .chain((shape) => fc.tuple(fc.constant(shape), fc.nat(shape.length - 1)));

describe("copying kernels of the completed wasm backend", () => {
  withCompletedWasm();

  for (const kind of DTYPES)
    it(`cut, unstack, split and join ${kind} tensors of every rank`, async () => {
      for (const shape of shapes) {
        const x = () => values(shape, kind);
        await expectAsOnCpu(() => [x().clone(), ...DTYPES.map((other) => x().cast(other))]);
        const [begin, size] = [Math.floor, Math.ceil].map((round) => shape.map((n) => round(n / 2)));
        if (shape.length > 0) await expectAsOnCpu(() => x().slice(begin, size));
        for (let axis = 0; axis < shape.length; axis++) {
          await expectAsOnCpu(() => tf.unstack(x(), axis));
          await expectAsOnCpu(() => tf.split(x(), [1, shape[axis] - 1], axis));
          await expectAsOnCpu(() => tf.concat([x(), values(shape, kind, 2)], axis));
          await expectAsOnCpu(() =>
            tf.tile(
              x(),
              shape.map((_, k) => (k === axis ? 3 : 1)),
            ),
          );
          await expectAsOnCpu(() => tf.gather(x(), tf.tensor([shape[axis] - 1, 0, 0], [3, 1], "int32"), axis));
        }
      }
    });

  it("cut any block of any tensor", () =>
    fc.assert(
      fc.asyncProperty(dtype, fc.array(fc.tuple(fc.nat(3), fc.nat(3), fc.nat(2)), { minLength: 1, maxLength: 6 }), async (kind, axes) => {
        const shape = axes.map(([before, length, after]) => before + length + after);
        await expectAsOnCpu(() =>
          values(shape, kind).slice(
            axes.map(([before]) => before),
            axes.map(([, length]) => length),
          ),
        );
      }),
      { numRuns: 150 },
    ));

  it("unstack, split, join, repeat and gather at random", () =>
    fc.assert(
      fc.asyncProperty(dtype, shapeAndAxis, fc.array(fc.nat(3), { minLength: 1, maxLength: 4 }), async (kind, [shape, axis], parts) => {
        const whole = shape.with(
          axis,
          parts.reduce((sum, n) => sum + n, 0),
        );
        await expectAsOnCpu(() => tf.split(values(whole, kind), parts, axis));
        if (whole.every((n) => n > 0)) await expectAsOnCpu(() => tf.unstack(values(whole, kind), axis));
        if (whole.every((n) => n > 0))
          await expectAsOnCpu(() =>
            tf.concat(
              parts.map((n, k) => values(shape.with(axis, n), kind, k)),
              axis,
            ),
          );
        await expectAsOnCpu(() =>
          tf.tile(
            values(shape, kind),
            shape.map((_, k) => (parts[k] ?? 0) + 1),
          ),
        );
        const ids = parts.filter((n) => n < shape[axis]);
        if (ids.length > 0 && shape.every((n) => n > 0))
          await expectAsOnCpu(() => tf.gather(values(shape, kind), tf.tensor1d(ids, "int32"), axis));
      }),
      { numRuns: 100 },
    ));

  it("gather with batch axes", async () => {
    for (const [shape, ids, axis] of [
      [[3, 4, 5], [3, 2], 1],
      [[2, 3, 4, 2], [2, 3, 3], 2],
      [[2, 3, 4], [2, 2], 2],
    ] as const)
      await expectAsOnCpu(() => {
        const index = values([...ids], "int32")
          .abs()
          .mod(tf.scalar(shape[axis], "int32"))
          .toInt();
        return tf.gather(values([...shape], "float32"), as<tf.Tensor1D>(index), axis, ids.length - 1);
      });
  });

  it("refuse indices that are not there", async () => {
    await tf.setBackend("wasm");
    const [x, ids] = [tf.tensor1d([1, 2, 3]), [-1, 3].map((id) => tf.tensor1d([0, id], "int32"))];
    const before = tf.engine().backend.numDataIds();
    for (const index of ids) expect(() => tf.gather(x, index)).to.throw(/place 1 is not in \[0, 2\]/);
    expect(tf.engine().backend.numDataIds()).to.equal(before);
    tf.dispose([x, ...ids]);
  });

  it("leave strings to tfjs", async () => {
    await tf.setBackend("wasm");
    const x = tf.tensor2d(["a", "b", "c", "d"], [2, 2]);
    expect(x.slice([0, 1], [2, 1]).arraySync()).to.deep.equal([["b"], ["d"]]);
    expect(tf.unstack(x, 1).map((part) => part.arraySync())).to.deep.equal([
      ["a", "c"],
      ["b", "d"],
    ]);
    expect(tf.concat([x, x], 0).arraySync()).to.deep.equal([
      ["a", "b"],
      ["c", "d"],
      ["a", "b"],
      ["c", "d"],
    ]);
  });

  it("give tensors that outlive their source, and sources that outlive them", async () => {
    await tf.setBackend("wasm");
    const x = tf.tensor2d([1, 2, 3, 4], [2, 2]);
    const results = [x.slice(0, 1), x.clone(), x.toFloat(), ...tf.unstack(x), tf.concat([x]), tf.tile(x, [1, 1])];
    x.dispose();
    expect(results.map((result) => Array.from(result.dataSync()))).to.deep.equal([
      [1, 2],
      [1, 2, 3, 4],
      [1, 2, 3, 4],
      [1, 2],
      [3, 4],
      [1, 2, 3, 4],
      [1, 2, 3, 4],
    ]);
    const [first, copy] = results;
    const twin = copy.clone();
    copy.dispose();
    expect(Array.from(twin.dataSync())).to.deep.equal([1, 2, 3, 4]);
    first.dispose();
    expect(Array.from(twin.dataSync())).to.deep.equal([1, 2, 3, 4]);
    const variable = tf.variable(twin);
    variable.assign(tf.tensor2d([5, 6, 7, 8], [2, 2]));
    expect(Array.from(twin.dataSync())).to.deep.equal([1, 2, 3, 4]);
    tf.dispose([twin, variable, ...results.slice(2)]);
  });

  it("have gradients", async () => {
    for (const f of [
      (x: tf.Tensor) => x.slice([0, 1, 0], [2, 2, 3]),
      (x: tf.Tensor) => tf.unstack(x, 1)[1],
      (x: tf.Tensor) => tf.split(x, [1, 2], 1)[1],
      (x: tf.Tensor) => tf.concat([x, x.square()], 2),
      (x: tf.Tensor) => tf.tile(x, [2, 1, 2]),
      (x: tf.Tensor) => tf.gather(x, tf.tensor1d([2, 0, 0], "int32"), 1),
      (x: tf.Tensor) => tf.stack([x, x.square()], 1),
    ])
      await expectAsOnCpu(() => tf.grad((x) => f(x).square().sum())(values([2, 3, 4], "float32")));
  });
});

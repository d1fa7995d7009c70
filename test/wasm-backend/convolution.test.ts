import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import fc from "fast-check";
import { as, describeCompleted, expectAsOnCpu, floats, values } from "./support.ts";

type Pad = "same" | "valid" | number;

interface Case {
  readonly x: number[]; // [batch, height, width, channels]
  readonly filter: [number, number];
  readonly outputs: number; // filters, or multiplier
  readonly strides: [number, number];
  readonly pad: Pad;
}

const CASES: Case[] = [
  { x: [2, 6, 7, 3], filter: [3, 3], outputs: 5, strides: [1, 1], pad: "valid" },
  { x: [2, 6, 7, 3], filter: [3, 2], outputs: 4, strides: [2, 1], pad: "same" },
  { x: [1, 9, 8, 4], filter: [5, 4], outputs: 8, strides: [2, 3], pad: "same" },
  { x: [3, 5, 5, 1], filter: [2, 2], outputs: 1, strides: [2, 2], pad: "valid" },
  { x: [2, 5, 6, 9], filter: [1, 1], outputs: 6, strides: [1, 1], pad: "valid" },
  { x: [2, 7, 7, 2], filter: [1, 1], outputs: 3, strides: [3, 3], pad: "same" },
  { x: [1, 4, 5, 8], filter: [3, 3], outputs: 2, strides: [1, 1], pad: 2 },
  { x: [1, 2, 8, 2], filter: [3, 2], outputs: 3, strides: [1, 1], pad: 1 },
  { x: [1, 2, 1, 1], filter: [1, 2], outputs: 1, strides: [2, 1], pad: "same" },
  { x: [1, 3, 3, 2], filter: [3, 3], outputs: 2, strides: [1, 1], pad: 0 },
  { x: [2, 2, 2, 12], filter: [4, 4], outputs: 3, strides: [1, 1], pad: "same" },
  { x: [9, 8, 9, 8], filter: [3, 3], outputs: 4, strides: [1, 1], pad: "same" }, // more places than are unfolded at a time
];

const randomCase: fc.Arbitrary<Case> = fc
  .record({
    batch: fc.integer({ min: 1, max: 2 }),
    image: fc.tuple(fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: 13 })),
    channels: fc.constantFrom(1, 2, 4, 5, 8, 9),
    filter: fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 })),
    outputs: fc.integer({ min: 1, max: 5 }),
    strides: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
    pad: fc.constantFrom<Pad>("same", "valid", 1),
  })
  .filter(({ image, filter, pad }) => pad === "same" || filter.every((size, axis) => size <= image[axis] + (pad === 1 ? 2 : 0)))
  .map(({ batch, image, channels, ...rest }) => ({ x: [batch, ...image, channels], ...rest }));

/** tfjs rounds the size of a result only where padding is a number. */
const rounding = (pad: Pad): "floor" | undefined => (typeof pad === "number" ? "floor" : undefined);

/**
 * How far sums over all places (a filter's gradient) and over a patch may be off. In n terms of random sign both the partial sums and their
 * roundings add up as √n, so the error goes with n (cpu sums in float64); this is several of its standard deviations.
 */
function roundings(places: readonly number[], patch: readonly number[]): number {
  const terms = [places, patch].map((sizes) => sizes.reduce((product, size) => product * size, 1));
  return Math.max(2e-6, 2 ** -22 * Math.max(...terms));
}

/** Result and both gradients of a convolution whose result is weighted, so that no gradient is constant. */
function convolved({ x, filter, outputs, strides, pad }: Case): tf.Tensor[] {
  const inputs = [floats(x, 1), floats([...filter, x[3], outputs], 2)] as [tf.Tensor4D, tf.Tensor4D];
  const conv = (image: tf.Tensor, w: tf.Tensor) =>
    tf.conv2d(as<tf.Tensor4D>(image), as<tf.Tensor4D>(w), strides, pad, "NHWC", 1, rounding(pad));
  return [conv(...inputs), ...weighted(conv, inputs)];
}

/** The same of a depthwise one. */
function depthwise({ x, filter, outputs, strides, pad }: Case): tf.Tensor[] {
  const inputs = [floats(x, 1), floats([...filter, x[3], outputs], 2)] as [tf.Tensor4D, tf.Tensor4D];
  const conv = (image: tf.Tensor, w: tf.Tensor) =>
    tf.depthwiseConv2d(as<tf.Tensor4D>(image), as<tf.Tensor4D>(w), strides, pad, "NHWC", 1, rounding(pad));
  return [conv(...inputs), ...weighted(conv, inputs)];
}

const weighted = (conv: (x: tf.Tensor, w: tf.Tensor) => tf.Tensor, inputs: tf.Tensor[]): tf.Tensor[] =>
  tf.grads((x, w) => {
    const y = conv(x, w);
    return y.mul(floats(y.shape, 3)).sum();
  })(inputs);

/** A pool and its gradient. */
const pooled =
  (kind: "maxPool" | "avgPool", { x, filter, strides, pad }: Case, flat = false) =>
  (): tf.Tensor[] => {
    const image = flat ? tf.round(floats(x).mul(1.4)) : floats(x); // several largest values in a window
    const pool = (v: tf.Tensor): tf.Tensor => tf[kind](as<tf.Tensor4D>(v), filter, strides, pad, rounding(pad));
    const gradient = tf.grad((v) => {
      const y = pool(v);
      return y.mul(floats(y.shape, 3)).sum();
    });
    return [pool(image), gradient(image)];
  };

describeCompleted("convolutions of the completed wasm backend", () => {
  CASES.forEach((kind, k) =>
    it(`have gradients as on cpu, case ${k}`, async () => {
      await expectAsOnCpu(() => convolved(kind));
      for (const outputs of [1, 3, 4, 8]) await expectAsOnCpu(() => depthwise({ ...kind, outputs }));
      for (const flat of [false, true]) {
        await expectAsOnCpu(pooled("maxPool", kind, flat));
        await expectAsOnCpu(pooled("avgPool", kind, flat));
      }
    }),
  );

  it("have gradients as on cpu, at random", () =>
    fc.assert(
      fc.asyncProperty(randomCase, async (kind) => {
        const { x, filter, outputs } = kind;
        const tolerance = roundings(x.slice(0, 3), [...filter, Math.max(x[3], outputs)]);
        await expectAsOnCpu(() => convolved(kind), tolerance);
        await expectAsOnCpu(() => depthwise(kind), tolerance);
        // Where the shape stays, tfjs's cpu backend takes pools of 1x1 for the identity, padded and strided ones too.
        if (kind.pad === 1 && kind.filter.every((size) => size === 1)) return;
        await expectAsOnCpu(pooled("maxPool", kind, true));
        await expectAsOnCpu(pooled("avgPool", kind));
      }),
      { numRuns: 80 },
    ));

  it("have gradients in three dimensions as on cpu, where tfjs's are wrong", () =>
    fc.assert(
      fc.asyncProperty(
        fc.tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 5 })),
        fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
        fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
        fc.tuple(fc.integer({ min: 1, max: 2 }), fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 5 })),
        fc.constantFrom("same", "valid"),
        async (image, filter, strides, [batch, channels, filters], pad) => {
          if (pad === "valid" && filter.some((size, axis) => size > image[axis])) return;
          await expectAsOnCpu(
            () =>
              weighted(
                (x, w) => tf.conv3d(as<tf.Tensor5D>(x), as<tf.Tensor5D>(w), strides, pad),
                [floats([batch, ...image, channels]), floats([...filter, channels, filters], 2)],
              ),
            roundings([batch, ...image], [...filter, Math.max(channels, filters)]),
          );
        },
      ),
      { numRuns: 60 },
    ));

  it("fuse bias and activation", async () => {
    for (const activation of ["linear", "relu", "relu6", "elu", "sigmoid", "leakyrelu", "prelu"] as const)
      for (const channels of [3, 9])
        await expectAsOnCpu(() =>
          tf.fused.conv2d({
            x: as<tf.Tensor4D>(floats([2, 5, 6, channels])),
            filter: as<tf.Tensor4D>(floats([3, 3, channels, 5], 2)),
            strides: 1,
            pad: "same",
            bias: floats([5], 3),
            activation,
            ...(activation === "prelu" ? { preluActivationWeights: floats([5], 4) } : {}),
            ...(activation === "leakyrelu" ? { leakyreluAlpha: 0.3 } : {}),
          }),
        );
  });

  it("fuse bias and activation of a depthwise one", async () => {
    for (const activation of ["linear", "relu", "relu6", "elu", "sigmoid", "leakyrelu", "prelu"] as const)
      for (const channels of [3, 8])
        await expectAsOnCpu(() =>
          tf.fused.depthwiseConv2d({
            x: as<tf.Tensor4D>(floats([2, 5, 6, channels])),
            filter: as<tf.Tensor4D>(floats([3, 3, channels, 2], 2)),
            strides: 1,
            pad: "same",
            bias: floats([2 * channels], 3),
            activation,
            ...(activation === "prelu" ? { preluActivationWeights: floats([2 * channels], 4) } : {}),
            ...(activation === "leakyrelu" ? { leakyreluAlpha: 0.3 } : {}),
          }),
        );
  });

  it("take dilations of a depthwise one forward", () =>
    fc.assert(
      fc.asyncProperty(
        randomCase,
        fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
        async ({ x, filter, outputs, pad }, dilations) => {
          if (typeof pad === "number") return; // tfjs computes the width from the height's dilation
          if (pad === "valid" && filter.some((size, axis) => (size - 1) * dilations[axis] + 1 > x[axis + 1])) return;
          const inputs = [floats(x), floats([...filter, x[3], outputs], 2)] as [tf.Tensor4D, tf.Tensor4D];
          await expectAsOnCpu(() => tf.depthwiseConv2d(...inputs, 1, pad, "NHWC", dilations));
          tf.dispose(inputs);
        },
      ),
      { numRuns: 80 },
    ));

  it("pool images of no items, and ignore what is not a number as cpu does", async () => {
    await expectAsOnCpu(() =>
      tf.maxPool(as<tf.Tensor4D>(tf.tensor([NaN, 1, -Infinity, NaN, 2, 3, -1, -2, NaN], [1, 3, 3, 1])), 2, 1, "same"),
    );
    await tf.setBackend("wasm");
    for (const pool of [tf.maxPool, tf.avgPool]) {
      const none = pool(as<tf.Tensor4D>(floats([0, 4, 4, 2])), 2, 2, "same");
      expect(none.shape).to.deep.equal([0, 2, 2, 2]);
    }
  });

  it("take dilations forward", () =>
    expectAsOnCpu(() => tf.conv2d(as<tf.Tensor4D>(floats([1, 9, 9, 8])), as<tf.Tensor4D>(floats([3, 3, 8, 2], 2)), 1, "same", "NHWC", 2)));

  it("have gradients with channels first and paddings of each side", async () => {
    const engine = tf.engine();
    for (const strides of [1, 2])
      for (const pad of [
        "same",
        "valid",
        [
          [0, 0],
          [0, 0],
          [1, 2],
          [0, 1],
        ],
      ]) {
        await expectAsOnCpu(() => {
          const x = floats([2, 3, 6, 5]);
          const shape = tf.backend_util.computeConv2DInfo(
            [2, 3, 6, 5],
            [3, 2, 3, 4],
            strides,
            1,
            pad as "same",
            undefined,
            false,
            "channelsFirst",
          ).outShape;
          const dy = floats(shape, 2);
          const attrs = { strides, pad, dataFormat: "NCHW", dimRoundingMode: undefined };
          return [
            engine.runKernel<tf.Tensor>("Conv2DBackpropFilter", { x, dy }, { ...attrs, filterShape: [3, 2, 3, 4] } as never),
            engine.runKernel<tf.Tensor>("Conv2DBackpropInput", { dy, filter: floats([3, 2, 3, 4], 3) }, {
              ...attrs,
              inputShape: [2, 3, 6, 5],
            } as never),
          ];
        });
      }
  });

  it("have gradients of other dtypes, as float32", async () => {
    const attrs = {
      strides: 1,
      pad: "same",
      dataFormat: "NHWC",
      dilations: 1,
      filterShape: [3, 3, 2, 1],
      inputShape: [1, 4, 5, 2],
    } as never;
    for (const dtype of ["int32", "bool"] as const)
      await expectAsOnCpu(() => {
        const [x, dy, filter] = [values([1, 4, 5, 2], dtype), values([1, 4, 5, 1], dtype, 2), values([3, 3, 2, 1], dtype, 3)];
        const dy2 = values([1, 4, 5, 2], dtype, 4);
        const run = (name: string, inputs: Record<string, tf.Tensor>) => tf.engine().runKernel<tf.Tensor>(name, inputs, attrs);
        return [
          run("Conv2DBackpropFilter", { x, dy }),
          run("Conv2DBackpropInput", { dy, filter }),
          run("DepthwiseConv2dNativeBackpropFilter", { x, dy: dy2 }),
          run("DepthwiseConv2dNativeBackpropInput", { dy: dy2, filter }),
        ];
      });
  });

  it("have empty gradients of empty batches", async () => {
    await tf.setBackend("wasm");
    const attrs = {
      strides: 1,
      pad: "same",
      dataFormat: "NHWC",
      dilations: 1,
      filterShape: [3, 3, 2, 1],
      inputShape: [0, 4, 5, 2],
    } as never;
    const run = (name: string, inputs: Record<string, tf.Tensor>) => tf.engine().runKernel<tf.Tensor>(name, inputs, attrs);
    const [x, dy, dy2, filter] = [floats([0, 4, 5, 2]), floats([0, 4, 5, 1]), floats([0, 4, 5, 2]), floats([3, 3, 2, 1])];
    for (const gradient of [run("Conv2DBackpropFilter", { x, dy }), run("DepthwiseConv2dNativeBackpropFilter", { x, dy: dy2 })])
      expect(Array.from(gradient.dataSync())).to.deep.equal(new Array(18).fill(0));
    for (const gradient of [run("Conv2DBackpropInput", { dy, filter }), run("DepthwiseConv2dNativeBackpropInput", { dy: dy2, filter })])
      expect(gradient.shape).to.deep.equal([0, 4, 5, 2]);
  });

  it("have gradients of dilated depthwise convolutions, which cpu has wrong", async () => {
    // A filter with holes is a dilated one: its gradient in the holes is left out.
    await tf.setBackend("wasm");
    const [x, filter] = [floats([2, 7, 8, 4]), as<tf.Tensor4D>(floats([2, 3, 4, 2], 2))];
    const holes = tf.tidy(() => {
      const rows = tf
        .stack([filter, tf.zerosLike(filter)], 1)
        .reshape([4, 3, 4, 2])
        .slice(0, 3);
      return tf
        .stack([rows, tf.zerosLike(rows)], 2)
        .reshape([3, 6, 4, 2])
        .slice([0, 0], [3, 5]);
    });
    const run = (name: string, inputs: Record<string, tf.Tensor>, shape: number[], dilations: number) =>
      tf.engine().runKernel<tf.Tensor>(name, inputs, { strides: 1, pad: "same", dilations, filterShape: shape, inputShape: shape });
    const dy = floats([2, 7, 8, 8], 3);
    const dilated = run("DepthwiseConv2dNativeBackpropFilter", { x, dy }, filter.shape, 2);
    const full = run("DepthwiseConv2dNativeBackpropFilter", { x, dy }, holes.shape, 1);
    expect(dilated.arraySync()).to.deep.equal(
      (full.arraySync() as number[][][][]).filter((_, k) => k % 2 === 0).map((row) => row.filter((_, k) => k % 2 === 0)),
    );
    const toInput = [filter, holes].map((w, k) => run("DepthwiseConv2dNativeBackpropInput", { dy, filter: w }, x.shape, 2 - k));
    expect(toInput[0].sub(toInput[1]).abs().max().arraySync()).to.be.lessThan(1e-6);
  });
});

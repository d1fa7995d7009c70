import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import fc from "fast-check";
import * as nengo from "../../src/index.ts";
import { expectSameModel, randomise } from "./support.ts";

/** A step from one value of a random model to the next; what does not fit the value's shape is left out. */
interface Piece {
  readonly kind: string;
  readonly size: number;
  readonly stride: number;
  readonly padding: "valid" | "same";
  readonly activation: string;
  /** Which earlier value is merged in. */
  readonly other: number;
}

const kinds = [
  "conv",
  "depthwise",
  "transposed",
  "average",
  "max",
  "dense",
  "flatten",
  "norm",
  "leaky",
  "prelu",
  "add",
  "multiply",
  "concat",
  "pad",
  "drop",
];
const pieces = fc.array(
  fc.record<Piece>({
    kind: fc.constantFrom(...kinds),
    size: fc.integer({ min: 1, max: 3 }),
    stride: fc.integer({ min: 1, max: 2 }),
    padding: fc.constantFrom("valid" as const, "same" as const),
    activation: fc.constantFrom("linear", "relu", "tanh", "relu6", "elu"),
    other: fc.nat(20),
  }),
  { minLength: 1, maxLength: 8 },
);

/** A layer for a piece, or null where it does not fit. */
function layerOf({ kind, size, stride, padding, activation }: Piece, shape: readonly number[]): tf.layers.Layer | null {
  const image = shape.length === 3 && shape[0] >= size && shape[1] >= size;
  const args = { kernelSize: size, strides: stride, padding, activation: activation as "relu" };
  const pool = { poolSize: [size, size] as [number, number], strides: [stride, stride] as [number, number], padding };
  switch (kind) {
    case "conv":
      return image ? tf.layers.conv2d({ filters: 2, ...args }) : null;
    case "depthwise":
      return image ? tf.layers.depthwiseConv2d({ depthMultiplier: 2, ...args }) : null;
    case "transposed":
      return image && shape[0] < 7 ? tf.layers.conv2dTranspose({ filters: 2, ...args }) : null;
    case "average":
      return image ? tf.layers.averagePooling2d(pool) : null;
    case "max":
      return image ? tf.layers.maxPooling2d(pool) : null;
    case "pad":
      return image && shape[0] < 7 ? tf.layers.zeroPadding2d({ padding: size }) : null;
    case "flatten":
      return shape.length > 1 ? tf.layers.flatten() : null;
    case "dense":
      return tf.layers.dense({ units: size + 1, activation: activation as "relu" });
    case "norm":
      return tf.layers.batchNormalization({ trainable: false });
    case "leaky":
      return tf.layers.leakyReLU({ alpha: 0.1 });
    case "prelu":
      return tf.layers.prelu();
    case "drop":
      return tf.layers.dropout({ rate: 0.5 });
    default:
      return null;
  }
}

function modelOf(list: readonly Piece[]): tf.LayersModel {
  const x = tf.input({ shape: [5, 4, 2] });
  const values = [x];
  for (const piece of list) {
    const last = values[values.length - 1];
    const fitting = values.filter(({ shape }) => shape.join() === last.shape.join());
    const other = fitting[piece.other % fitting.length];
    const merge =
      piece.kind === "add"
        ? tf.layers.add()
        : piece.kind === "multiply"
          ? tf.layers.multiply()
          : piece.kind === "concat"
            ? tf.layers.concatenate()
            : null;
    const layer = layerOf(piece, last.shape.slice(1) as number[]);
    if (merge !== null) values.push(merge.apply([last, other]) as tf.SymbolicTensor);
    else if (layer !== null) values.push(layer.apply(last) as tf.SymbolicTensor);
  }
  const model = tf.model({ inputs: x, outputs: values[values.length - 1] });
  randomise(model);
  return model;
}

describe("conversion of random models", () => {
  before(() => nengo.useBackend("cpu"));

  it("every layer's rates are the layer's, and every model turns back", async () => {
    await fc.assert(
      fc.asyncProperty(pieces, async (list) => {
        const model = modelOf(list);
        if (model.layers.length === 1) return;
        const conversion = await nengo.convert(model, { seed: 1 });
        await conversion.verify();
        expect(conversion.report.native).to.equal(true);
        if (model.weights.length > 0) {
          const sim = new nengo.Simulator(conversion.network, { progressBar: false });
          const back = await nengo.toLayersModel(sim);
          expectSameModel(back, model);
          back.dispose();
          sim.close();
        }
        model.dispose();
      }),
      { seed: 8, numRuns: 60 },
    );
  });

  it("spikes follow rates, at any scale", async () => {
    await fc.assert(
      fc.asyncProperty(pieces, fc.constantFrom(1, 30, 400), async (list, scaleFiringRates) => {
        const model = modelOf(list);
        const conversion = await nengo.convert(model, {
          swapActivations: { relu: new nengo.SpikingRectifiedLinear(), leakyRelu: new nengo.SpikingLeakyReLU({ negativeSlope: 0.1 }) },
          scaleFiringRates,
          synapse: 0.005,
        });
        await conversion.verify(null, { steps: 30 });
        model.dispose();
      }),
      { seed: 9, numRuns: 30 },
    );
  });
});

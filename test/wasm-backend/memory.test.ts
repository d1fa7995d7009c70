import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import type { WasmBackend } from "../../src/wasm-backend/internals.ts";
import { memoryOf } from "../../src/wasm-backend/internals.ts";
import { kernels } from "../../src/wasm-backend/kernels/index.ts";
import { floats, values, withCompletedWasm } from "./support.ts";

const CALLS = 10_000;

describe("memory of the completed wasm backend", () => {
  withCompletedWasm();
  before(() => tf.setBackend("wasm"));

  /** Calls of every kernel, each with a result of 4 KB or more: ten thousand of them left behind would be 40 MB. */
  const calls = (): Record<string, () => unknown> => {
    const [a, b, row] = [floats([32, 32]), floats([32, 32], 2), floats([32], 3)];
    const [flags, ids] = [values([32, 32], "bool"), tf.range(0, 32, 1, "int32")];
    const wide = floats([4096]);
    const [image, filter] = [floats([1, 8, 8, 16]), floats([2, 2, 16, 16], 2)] as [tf.Tensor4D, tf.Tensor4D];
    const deep = filter.slice<tf.Tensor4D>([0, 0, 0, 0], [2, 2, 16, 1]);
    const first = floats([1, 16, 8, 8]);
    const film = floats([1, 1, 8, 8, 16]);
    const conv = { strides: 1, pad: "same", dataFormat: "NHWC", dilations: 1 };
    const run = (name: string, inputs: Record<string, tf.Tensor>, attrs: object): unknown =>
      tf.engine().runKernel(name, inputs, attrs as never);
    const pool = { filterSize: [2, 2], strides: [1, 1], pad: "same" };
    const shapes = { filterShape: filter.shape, inputShape: image.shape };
    return {
      BatchMatMul: () => tf.matMul(a, b, true, false),
      _FusedMatMul: () => tf.fused.matMul({ a: a, b: b, bias: row, activation: "relu" }),
      Conv2D: () => tf.conv2d(image, filter, 1, "same"),
      FusedConv2D: () => tf.fused.conv2d({ x: image, filter, strides: 1, pad: "same", activation: "relu" }),
      Conv2DBackpropFilter: () => run("Conv2DBackpropFilter", { x: image, dy: image }, { ...conv, ...shapes }),
      Conv2DBackpropInput: () => [
        run("Conv2DBackpropInput", { dy: image, filter }, { ...conv, ...shapes }),
        run("Conv2DBackpropInput", { dy: first, filter }, { ...conv, dataFormat: "NCHW", inputShape: first.shape }),
      ],
      Conv3DBackpropFilterV2: () => run("Conv3DBackpropFilterV2", { x: film, dy: film }, { ...conv, filterShape: [1, 2, 2, 16, 16] }),
      Conv3DBackpropInputV2: () =>
        run("Conv3DBackpropInputV2", { dy: film, filter: filter.expandDims(0) }, { ...conv, inputShape: film.shape }),
      DepthwiseConv2dNative: () => tf.depthwiseConv2d(image, deep, 1, "same"),
      FusedDepthwiseConv2D: () => tf.fused.depthwiseConv2d({ x: image, filter: deep, strides: 1, pad: "same", activation: "relu" }),
      MaxPool: () => tf.maxPool(image, 2, 1, "same"),
      AvgPool: () => tf.avgPool(image, 2, 1, "same"),
      DepthwiseConv2dNativeBackpropFilter: () =>
        run("DepthwiseConv2dNativeBackpropFilter", { x: image, dy: image }, { ...conv, filterShape: deep.shape }),
      DepthwiseConv2dNativeBackpropInput: () =>
        run("DepthwiseConv2dNativeBackpropInput", { dy: image, filter: deep }, { ...conv, ...shapes }),
      UnsortedSegmentSum: () => [tf.unsortedSegmentSum(a, ids, 32), tf.unsortedSegmentSum(flags, ids, 32)],
      Einsum: () => [tf.einsum("ij,kj->ki", a, b), tf.einsum("ij->ij", a), tf.einsum("ij,j->ji", flags, ids)],
      MaxPoolGrad: () => run("MaxPoolGrad", { dy: image, input: image, output: image }, pool),
      AvgPoolGrad: () => run("AvgPoolGrad", { dy: image, input: image }, pool),
      GatherV2: () => tf.gather(a, ids),
      Concat: () => [tf.concat([a, b], 1), tf.concat([a])],
      Tile: () => tf.tile(row, [32]),
      Identity: () => tf.clone(a),
      Cast: () => [tf.cast(a, "float32"), tf.cast(a, "int32"), tf.cast(a, "bool")],
      Slice: () => a.slice([0, 1], [32, 31]),
      Unpack: () => tf.unstack(a, 1),
      SplitV: () => tf.split(a, 2, 1),
      Sum: () => wide.reshape([2, 2048]).sum(0),
      Mean: () => wide.reshape([2, 2048]).mean(0),
      ...Object.fromEntries(
        (["exp", "expm1", "tanh", "sigmoid", "log", "log1p", "softplus", "elu", "selu", "sqrt", "rsqrt"] as const).map((name) => [
          name.charAt(0).toUpperCase() + name.slice(1),
          () => tf[name](a),
        ]),
      ),
      ...Object.fromEntries(
        (["less", "lessEqual", "greater", "greaterEqual", "equal", "notEqual", "maximum", "minimum"] as const).map((name) => [
          name.charAt(0).toUpperCase() + name.slice(1),
          () => tf[name](a, b),
        ]),
      ),
      LogicalAnd: () => tf.logicalAnd(flags, flags),
      LogicalOr: () => tf.logicalOr(flags, flags),
      Select: () => tf.where(flags, a, b),
    };
  };

  it(`keeps nothing over ${CALLS} calls of each kernel`, function () {
    this.timeout(60_000);
    tf.tidy(() => {
      const all = calls();
      expect(Object.keys(all).sort()).to.deep.equal(kernels.map(({ name }) => name).sort());
      const memory = memoryOf(tf.backend());
      for (const call of Object.values(all)) tf.tidy(() => void call());
      const [heap, before] = [memory.buffer.byteLength, tf.memory()];
      for (const [name, call] of Object.entries(all)) {
        for (let k = 0; k < CALLS; k++) tf.tidy(() => void call());
        expect(tf.memory().numDataBuffers, name).to.equal(before.numDataBuffers);
        expect(tf.memory().numTensors, name).to.equal(before.numTensors);
        expect(memory.buffer.byteLength, `heap after ${name}`).to.equal(heap);
      }
    });
  });

  it("reads tensors where they are after the heap has grown", () => {
    const backend = tf.backend() as unknown as WasmBackend;
    tf.tidy(() => {
      const x = floats([300, 7]);
      const before = memoryOf(backend).buffer.byteLength;
      const room = tf.zeros([before / 4]); // more than there is
      expect(memoryOf(backend).buffer.byteLength).to.be.greaterThan(before);
      expect(tf.matMul(x, x, true, false).sub(tf.matMul(x.transpose(), x)).abs().max().arraySync()).to.be.lessThan(1e-4);
      expect(room.slice(before / 4 - 3).arraySync()).to.deep.equal([0, 0, 0]);
    });
  });
});

import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import * as nengo from "../../../src/index.ts";
import { hiddenCells } from "./support.ts";

describe("lmu says what is wrong", () => {
  const good = { memoryD: 1, order: 2, theta: 4, hiddenCell: null };
  const wrong: [string, object, RegExp][] = [
    ["memoryD", { memoryD: 0 }, /NengoLMU\.memoryD: expected .*>= 1.*got 0/],
    ["order", { order: 1.5 }, /NengoLMU\.order: expected an integer/],
    ["theta", { theta: Infinity }, /NengoLMU\.theta: expected a finite number/],
    ["theta", { theta: 0 }, /NengoLMU\.theta: expected .*> 0/],
    ["discretizer", { discretizer: "tustin" }, /NengoLMU\.discretizer: expected one of "zoh", "euler"/],
    ["hiddenCell", { hiddenCell: 5 }, /NengoLMU\.hiddenCell: expected an RNN cell/],
    ["hiddenCell", { hiddenCell: tf.layers.lstm({ units: 2 }) }, /NengoLMU\.hiddenCell: expected a cell.*lstmCell/s],
    ["hiddenToMemory", { hiddenToMemory: true }, /NengoLMU\.hiddenToMemory: expected false where hiddenCell is null/],
    ["dropout", { dropout: 1 }, /NengoLMU\.dropout: expected .*< 1/],
    ["useBias", { useBias: "yes" }, /NengoLMU\.useBias: expected true or false/],
    ["kernelInitializer", { kernelInitializer: "nothing" }, /NengoLMU: expected initializers and regularizers/],
  ];
  for (const [what, change, message] of wrong) {
    it(`${what} ${JSON.stringify(change).slice(0, 40)}`, () => {
      expect(() => nengo.layers.lmu({ ...good, ...change })).to.throw(nengo.ValidationError, message);
    });
  }

  it("a kernel that is needed, sizes and ranks", () => {
    const lmu = (args: object): tf.layers.Layer => nengo.layers.lmu({ ...good, ...args });
    expect(() => lmu({ hiddenToMemory: true, kernelInitializer: null, hiddenCell: hiddenCells["dense"]() })).to.throw(
      nengo.ValidationError,
      /kernelInitializer is null/,
    );
    const input = (shape: number[]): tf.SymbolicTensor => tf.input({ shape });
    expect(() => lmu({ name: "a", kernelInitializer: null }).apply(input([5, 3]))).to.throw(
      nengo.ShapeError,
      /"a_cell": expected an input of memoryD 1/,
    );
    expect(() => lmu({ name: "b", inputD: 2 }).apply(input([5, 3]))).to.throw(nengo.ShapeError, /"b_cell"\.inputD: expected 2, got 3/);
    expect(() => lmu({ name: "c" }).apply(input([5]))).to.throw(nengo.ShapeError, /NengoLMU "c": expected an input \[batch, steps/);
    expect(() => nengo.layers.lmuCell({ ...good, order: -1 })).to.throw(nengo.ValidationError, /NengoLMUCell\.order/);
    expect(() => nengo.layers.lmu(undefined as never)).to.throw(nengo.ValidationError, /one object of arguments/);
  });
});

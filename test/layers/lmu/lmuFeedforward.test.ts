import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import * as nengo from "../../../src/index.ts";
import { cheaperForm } from "../../../src/layers/lmu/memoryOverTime.ts";
import { onBackends, waves } from "../support.ts";
import { expectClose, hiddenCells, looped, outputsAndGradients, setWeights } from "./support.ts";

type Layer = tf.layers.Layer;
const base = { memoryD: 2, order: 12, theta: 24 };
const make = (hidden: string, args: object): Layer => nengo.layers.lmuFeedforward({ ...base, ...args, hiddenCell: hiddenCells[hidden]() });

describe("lmuFeedforward", () => {
  onBackends(() => {
    for (const convMode of ["auto", "fft", "raw"]) {
      for (const [hidden, args] of [
        ["none", {}],
        ["none", { returnSequences: true }],
        ["dense", { returnSequences: true, useBias: true, inputToHidden: true }],
        ["dense", { memoryD: 3 }],
        ["simpleRNNCell", { returnSequences: true, memoryD: 1 }],
        ["lstmCell", { inputToHidden: true }],
      ] as const) {
        it(`${convMode}, ${hidden} ${JSON.stringify(args)}: the recurrent form's outputs within 2e-5, and its gradients`, () => {
          const x = waves([3, 37, 2], 1);
          const [layer, wanted] = [make(hidden, { convMode, truncateIr: 0, ...args }), looped(hidden, { ...base, ...args })];
          [layer, wanted].forEach((l) => {
            tf.dispose(l.apply(x) as tf.Tensor);
            setWeights(l);
          });
          const [got, right] = [layer, wanted].map((l) => outputsAndGradients(l, x));
          expectClose(got.outputs[0], right.outputs[0], 2e-5, "outputs");
          got.gradients.forEach((g, k) => expectClose(g, right.gradients[k], 2e-5, `gradient ${k}`));
          x.dispose();
          layer.dispose();
          wanted.dispose();
        });
      }
    }

    it("leaves out the end of a response as truncateIr says, in raw mode only", () => {
      const x = waves([2, 80, 2], 1);
      const outputs = [0, 1e-4, 0.3].map((truncateIr) => {
        const layer = make("none", { convMode: "raw", truncateIr, returnSequences: true, kernelInitializer: null, order: 3, theta: 6 });
        const out = tf.tidy(() => Array.from((layer.apply(x) as tf.Tensor).dataSync()));
        layer.dispose();
        return out;
      });
      const off = (k: number): number => Math.max(...outputs[k].map((v, i) => Math.abs(v - outputs[0][i])));
      expect(off(1)).to.be.within(1e-9, 1e-3);
      expect(off(2)).to.be.above(1e-2);
      x.dispose();
    });

    it("takes any number of steps, and leaves no tensors after it was disposed of", () => {
      const before = tf.memory().numTensors;
      for (const convMode of ["auto", "fft", "raw"]) {
        const layer = make("none", { convMode, returnSequences: true });
        const symbolic = layer.apply(tf.input({ shape: [null, 2] })) as tf.SymbolicTensor;
        expect(symbolic.shape).to.deep.equal([null, null, 24]);
        const all = tf.tidy(() => Array.from((layer.apply(waves([1, 30, 2])) as tf.Tensor).dataSync()));
        for (const steps of [30, 1, 13]) {
          const part = tf.tidy(() => Array.from((layer.apply(waves([1, 30, 2]).slice([0, 0, 0], [1, steps, 2])) as tf.Tensor).dataSync()));
          expectClose(part, all.slice(0, steps * 24), 1e-3, `${steps} steps, ${convMode}`);
        }
        layer.dispose();
      }
      expect(tf.memory().numTensors).to.equal(before);
    });

    it("keeps its mode when it is saved", () => {
      const layer = make("dense", { convMode: "raw", truncateIr: 0.01 });
      const config = JSON.parse(JSON.stringify(layer.getConfig())) as tf.serialization.ConfigDict;
      const again = nengo.layers.LMUFeedforward.fromConfig(nengo.layers.LMUFeedforward, config) as unknown as nengo.layers.LMUFeedforward;
      expect(again).to.include({ convMode: "raw", truncateIr: 0.01 });
      expect(again.definition).to.include(base);
    });
  });

  it("chooses transforms where products are slow or the order is large", () => {
    expect(cheaperForm("wasm", 256, 784)).to.equal("blocked");
    expect(cheaperForm("cpu", 256, 784)).to.equal("fft");
    expect(cheaperForm("wasm", 4000, 20000)).to.equal("fft");
    expect(cheaperForm("cpu", 2, 10)).to.equal("blocked");
  });

  it("says what is wrong", () => {
    const lmu = (args: object) => () => make("none", args);
    expect(lmu({ convMode: "direct" })).to.throw(nengo.ValidationError, /NengoLMUFeedforward\.convMode: expected one of/);
    expect(lmu({ truncateIr: 1 })).to.throw(nengo.ValidationError, /NengoLMUFeedforward\.truncateIr/);
    for (const name of ["hiddenToMemory", "memoryToMemory", "trainableTheta", "stateful"])
      expect(lmu({ [name]: true })).to.throw(nengo.ValidationError, new RegExp(`NengoLMUFeedforward\\.${name}: expected`));
  });
});

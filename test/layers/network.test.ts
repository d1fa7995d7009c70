import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import * as nengo from "../../src/index.ts";
import { expectNoLeaks } from "../support/leaks.ts";
import { expectClose } from "../support/numbers.ts";
import { nengoLayerOf, onBackends, waves } from "./support.ts";
import { reloaded } from "../support/saving.ts";

/** Two numbers through spiking neurons and a filter, as a layer. */
function part(args: Partial<Parameters<typeof nengo.layers.network>[0]> = {}): nengo.NengoLayer {
  const net = new nengo.Network({ seed: 0 });
  const input = net.node([0, 0]);
  const ensemble = net.ensemble(20, 2, { neuronType: new nengo.LIF({ amplitude: 0.01 }) });
  net.connect(input, ensemble, { synapse: null });
  const output = net.node({ sizeIn: 2 });
  net.connect(ensemble, output, { synapse: 0.005 });
  return nengo.layers.network({ network: net, inputs: [input], outputs: [net.probe(output)], ...args });
}

const dense = (units: number, seed: number, inputShape?: (number | null)[]): tf.layers.Layer =>
  tf.layers.dense({
    units,
    kernelInitializer: tf.initializers.glorotUniform({ seed }),
    ...(inputShape === undefined ? {} : { inputShape: inputShape }),
  });
const symbol = (x: unknown): tf.SymbolicTensor => x as tf.SymbolicTensor;

/** Models of an ordinary kind with a network in them, by the shape of their input. */
const models: Readonly<Record<string, { shape: number[]; make: () => tf.LayersModel }>> = {
  "in a nested model": {
    shape: [2, 10, 3],
    make: () => {
      const inner = tf.sequential();
      inner.add(dense(2, 1, [null, 3]));
      inner.add(part());
      const x = tf.input({ shape: [null, 3] });
      return tf.model({ inputs: x, outputs: symbol(dense(1, 2).apply(inner.apply(x))) });
    },
  },
  "used twice": {
    shape: [2, 10, 3],
    make: () => {
      const layer = part();
      const x = tf.input({ shape: [null, 3] });
      const [a, b] = [1, 2].map((seed) => symbol(layer.apply(dense(2, seed).apply(x))));
      return tf.model({ inputs: x, outputs: symbol(dense(1, 3).apply(tf.layers.add().apply([a, b]))) });
    },
  },
  "distributed over another time": {
    shape: [2, 4, 10, 3],
    make: () => {
      const x = tf.input({ shape: [4, null, 3] });
      const inside = tf.layers.timeDistributed({ layer: part() }).apply(dense(2, 1).apply(x));
      return tf.model({ inputs: x, outputs: symbol(dense(1, 2).apply(inside)) });
    },
  },
  "before a layer of fixed size": {
    shape: [2, 10, 3],
    make: () => {
      const model = tf.sequential();
      model.add(dense(2, 1, [10, 3]));
      model.add(part({ nSteps: 10 }));
      model.add(tf.layers.flatten());
      model.add(dense(1, 2));
      return model;
    },
  },
};

describe("a network in an existing model", () => {
  onBackends(() => {
    for (const [where, { shape, make }] of Object.entries(models)) {
      it(`${where} trains, is saved, loaded and trained further`, async () => {
        const model = make();
        const compile = (m: tf.LayersModel): void => m.compile({ optimizer: tf.train.adam(0.01), loss: "meanSquaredError" });
        compile(model);
        const x = waves(shape, 1);
        const first = model.predict(x) as tf.Tensor;
        const y = waves(first.shape, 2);
        const { history } = await model.fit(x, y, { epochs: 6, verbose: 0, shuffle: false });
        expect(history["loss"].at(-1)).to.be.lessThan(history["loss"][0] as number);
        const again = await reloaded(model);
        compile(again);
        const [a, b] = [model, again].map((m) => m.predict(x) as tf.Tensor);
        expect(b.dataSync()).to.deep.equal(a.dataSync());
        await expectNoLeaks(() => again.fit(x, y, { epochs: 1, verbose: 0, shuffle: false }), "fit");
        tf.dispose([x, y, first, a, b]);
        model.dispose();
        again.dispose();
      });
    }
  });

  it("is left as it is where it is frozen, while the layers around it train", async () => {
    const model = models["in a nested model"].make();
    const inner = model.layers[1] as unknown as tf.Sequential;
    const layer = nengoLayerOf(inner);
    layer.trainable = false;
    model.compile({ optimizer: tf.train.adam(0.01), loss: "meanSquaredError" });
    const values = (): Float32Array[] => layer.getWeights().map((w) => w.dataSync<"float32">().slice());
    const before = values();
    const kernel = inner.layers[0].getWeights()[0].dataSync().slice();
    const [x, y] = [waves([2, 10, 3]), waves([2, 10, 1], 1)];
    await model.fit(x, y, { epochs: 2, verbose: 0, shuffle: false });
    expect(values()).to.deep.equal(before);
    expect(inner.layers[0].getWeights()[0].dataSync()).to.not.deep.equal(kernel);
    tf.dispose([x, y]);
    model.dispose();
  });

  it("goes on where it stopped when it is stateful: states, random streams, processes and time", () => {
    const make = (stateful: boolean, tensors: boolean): nengo.NengoLayer => {
      const net = new nengo.Network({ seed: 1 });
      const input = net.node(0);
      const noise = net.node(new nengo.FilteredNoise({ synapse: new nengo.Lowpass({ tau: 0.01 }) }));
      const clock = net.node((t) => Math.sin(50 * t));
      const ensemble = net.ensemble(20, 1, { neuronType: new nengo.PoissonSpiking({ baseType: new nengo.LIFRate() }) });
      for (const node of [input, noise, clock]) net.connect(node, ensemble, { synapse: 0.005 });
      net.connect(ensemble, ensemble, { synapse: 0.01, transform: 0.5 });
      if (tensors) {
        const double = nengo.tensorNode(net, (_t, x) => tf.mul(x, 2), { shapeIn: [1] });
        net.connect(ensemble, double, { synapse: 0.01 });
        net.connect(double, ensemble, { synapse: 0.01, transform: 0.1 });
      }
      const outputs = [net.probe(ensemble, { synapse: 0.01 }), net.probe(ensemble, { sampleEvery: 0.003 })];
      return nengo.layers.network({ network: net, inputs: [input], outputs, stateful });
    };
    for (const tensors of [false, true]) {
      tf.tidy(() => {
        const steps = tensors ? [4, 1, 7] : [20, 1, 30];
        const x = waves([2, steps.reduce((a, b) => a + b), 1], 2);
        const [whole, parts] = [make(false, tensors), make(true, tensors)];
        const wanted = whole.apply(x) as tf.Tensor[];
        for (const _ of [1, 2]) {
          const got = tf.split(x, steps, 1).map((part) => parts.apply(part) as tf.Tensor[]);
          wanted.forEach((w, k) => {
            const joined = tf.concat(
              got.map((g) => g[k]),
              1,
            );
            expect(joined.shape).to.deep.equal(w.shape);
            expectClose(joined.dataSync(), w.dataSync(), 1e-5);
          });
          parts.resetStates();
        }
        expect(() => whole.resetStates()).to.throw(nengo.ValidationError, "stateful");
        parts.apply(x);
        expect(() => parts.apply(waves([3, 2, 1]))).to.throw(nengo.ShapeError, "resetStates");
        whole.dispose();
        parts.dispose();
      });
    }
  });

  it("takes several feature axes as one", () => {
    tf.tidy(() => {
      const net = new nengo.Network({ seed: 1 });
      const input = net.node(new Array(6).fill(0) as number[]);
      const layer = nengo.layers.network({ network: net, inputs: [input], outputs: [net.probe(input)] });
      const x = waves([2, 3, 2, 3]);
      expect((layer.apply(x) as tf.Tensor).dataSync()).to.deep.equal(x.dataSync());
    });
  });
});

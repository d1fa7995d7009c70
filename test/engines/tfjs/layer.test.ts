import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import * as nengo from "../../../src/index.ts";
import type { EngineChoice } from "../../../src/engines/choose.ts";
import { ValidationError } from "../../../src/errors.ts";
import { expectGradient, numbersOf, sample, waves } from "../../layers/support.ts";

/** A model of one network layer. */
function modelOf(args: nengo.NetworkLayerArgs, shapes: readonly (number | null)[][]): { model: tf.LayersModel; layer: nengo.NengoLayer } {
  const layer = nengo.layers.network(args);
  const inputs = shapes.map((shape) => tf.input({ shape }));
  const outputs = layer.apply(inputs.length === 1 ? inputs[0] : inputs) as tf.SymbolicTensor | tf.SymbolicTensor[];
  return { model: tf.model({ inputs, outputs }), layer };
}

/** A layer over `sample` with all of it trainable. */
function sampleModel(engine: EngineChoice, options: Parameters<typeof sample>[0] = {}) {
  const { net, a, b, first, second, outputs } = sample(options);
  for (const ensemble of [first, second]) nengo.configure(ensemble, { trainable: true });
  return modelOf({ network: net, inputs: [a, b], outputs: [outputs[0], outputs[2]], engine }, [
    [12, 2],
    [12, 1],
  ]);
}

/** A scalar: tfjs adds losses of several outputs, which have different rows here. */
const squares = (y: tf.Tensor, p: tf.Tensor): tf.Tensor => tf.mean(tf.square(tf.sub(y, p)));

const given = (): tf.Tensor[] => [waves([3, 12, 2]), waves([3, 12, 1], 2)];

function near(got: number[][], wanted: number[][], within: number): void {
  expect(got.length).to.equal(wanted.length);
  wanted.forEach((values, k) => {
    expect(got[k].length).to.equal(values.length);
    values.forEach((v, i) => expect(got[k][i], `output ${k}, number ${i}`).to.be.closeTo(v, within * Math.max(1, Math.abs(v))));
  });
}

describe("a network layer by tf operations", () => {
  before(() => tf.setBackend("cpu"));

  it("predicts as the kernel does, and says how it runs", () => {
    const [kernel, ops] = [sampleModel("wasm"), sampleModel("tfjs")];
    near(numbersOf(ops.model.predict(given())), numbersOf(kernel.model.predict(given())), 1e-5);
    expect(kernel.layer.tensorProgram("inference").path).to.equal("wasm engine as a tfjs kernel");
    expect(ops.layer.tensorProgram("inference").path).to.match(
      /^tf operations: \d+ operators step by step \(slow\), \d+ over all steps at once$/,
    );
  });

  it("trains as the kernel does, and leaves no tensors", async () => {
    const ran = await Promise.all(
      (["wasm", "tfjs"] as const).map(async (engine) => {
        const { model } = sampleModel(engine, { neuronType: new nengo.LIF() });
        model.compile({ optimizer: tf.train.sgd(1e-4), loss: [squares, squares] });
        const [x, y] = [given(), [waves([3, 12, 1], 1), waves([3, 6, 2], 3)]];
        await model.trainOnBatch(x, y);
        const before = tf.memory().numTensors;
        const loss = (await model.trainOnBatch(x, y)) as number[];
        expect(tf.memory().numTensors, "tensors").to.equal(before);
        return { loss, weights: numbersOf(model.getWeights().map((w) => w.clone())) };
      }),
    );
    near([ran[1].loss], [ran[0].loss], 1e-5);
    ran[0].weights.forEach((wanted, k) => expectGradient(ran[1].weights[k], wanted, 1e-5, `weights ${k}`));
  });

  it("has the gradients of the kernel between other layers", () => {
    const gradientsBy = (engine: EngineChoice): number[][] => {
      const { model } = sampleModel(engine);
      return tf.tidy(() => {
        const [u, v] = given();
        const scale = tf.variable(tf.scalar(0.5));
        const variables = [scale, ...model.trainableWeights.map((w) => (w as unknown as { val: tf.Variable }).val)];
        const { grads } = tf.variableGrads(() => {
          const [p, q] = model.apply([tf.mul(u, scale), tf.tanh(tf.mul(v, scale))]) as tf.Tensor[];
          return tf.add<tf.Scalar>(tf.sum(tf.square(p)), tf.mean(tf.mul(q, 3)));
        }, variables);
        return variables.map((w) => [...grads[w.name].dataSync()]);
      });
    };
    const [wanted, got] = [gradientsBy("wasm"), gradientsBy("tfjs")];
    expect(wanted.length).to.be.above(2);
    wanted.forEach((values, k) => expectGradient(got[k], values, 1e-4, `variable ${k}`));
  });

  for (const loop of [false, true]) {
    it(`goes around a tensor node ${loop ? "in a loop" : "that is in none"}, with its gradients`, () => {
      const runBy = (engine: EngineChoice): number[][] => {
        const net = new nengo.Network({ seed: 3 });
        const u = net.node([0, 0]);
        const ensemble = net.ensemble(12, 2, { neuronType: new nengo.LIFRate() });
        const node = nengo.tensorNode(net, (_t, x) => tf.tanh(tf.mul(x, 1.3)), { shapeIn: [2] });
        nengo.configure(ensemble, { trainable: true });
        net.connect(u, ensemble, { synapse: null });
        net.connect(ensemble, node, { synapse: 0.005 });
        if (loop) net.connect(node, ensemble, { synapse: 0.01, transform: 0.5 });
        const out = net.probe(node, { synapse: 0.003 });
        const { model, layer } = modelOf({ network: net, inputs: [u], outputs: [out], engine }, [[6, 2]]);
        expect(layer.tensorProgram("training").path).to.match(
          loop
            ? /^step by step, because /
            : engine === "tfjs"
              ? /^tf operations: .* in 2 parts around 1 tensor node$/
              : /^wasm engine as a tfjs kernel, in 2 parts/,
        );
        const before = tf.memory().numTensors;
        const result = tf.tidy(() => {
          const x = waves([2, 6, 2]);
          const variables = model.trainableWeights.map((w) => (w as unknown as { val: tf.Variable }).val);
          const { value, grads } = tf.variableGrads(() => tf.sum(tf.square(model.apply(x) as tf.Tensor)), variables);
          return [[...value.dataSync()], ...variables.map((w) => [...grads[w.name].dataSync()])];
        });
        expect(tf.memory().numTensors, "tensors").to.equal(before);
        return result;
      };
      const [wanted, got] = [runBy("wasm"), runBy("tfjs")];
      expect(wanted.length).to.be.above(1);
      wanted.forEach((values, k) => expectGradient(got[k], values, 1e-4, `variable ${k}`));
    });
  }

  it("takes whichever way the present backend has, call by call", async () => {
    const { model, layer } = sampleModel("auto");
    const wanted = numbersOf(model.predict(given()));
    // Any backend that has no kernels of ours; its own are those of cpu.
    const { backend } = tf.engine();
    tf.registerBackend("without-kernels", () => backend);
    tf.copyRegisteredKernels("cpu", "without-kernels");
    try {
      await tf.setBackend("without-kernels");
      near(numbersOf(model.predict(given())), wanted, 1e-5);
      expect(layer.tensorProgram("inference").path).to.match(/^tf operations/);
      expect(() => sampleModel("wasm").model.predict(given())).to.throw(
        ValidationError,
        'NengoLayer.engine: expected "auto" or "tfjs" on a backend other than cpu, wasm, tensorflow, got "wasm" on "without-kernels"',
      );
    } finally {
      await tf.setBackend("cpu");
    }
    near(numbersOf(model.predict(given())), wanted, 0);
    expect(layer.tensorProgram("inference").path).to.equal("wasm engine as a tfjs kernel");
  });

  it("refuses an engine that there is not", () => {
    expect(() => sampleModel("gpu" as EngineChoice)).to.throw(ValidationError, "NengoLayer.engine: expected one of");
  });
});

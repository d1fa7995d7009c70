import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { ValidationError } from "../../src/errors.ts";
import { NengoModel, model, type CompileArgs } from "../../src/model/index.ts";
import { TwoOutputs, caught, constantDense, numbers, weightsOf } from "./support.ts";
import { reloaded as reloadedModel } from "../support/saving.ts";

function small(outputNames?: string[]) {
  const input = tf.input({ shape: [2] });
  const outputs = [constantDense("Left", 1, 0.3).apply(input), constantDense("right_part", 1, -0.4).apply(input)] as tf.SymbolicTensor[];
  return model({ inputs: input, outputs, ...(outputNames === undefined ? {} : { outputNames }) });
}

const x = () =>
  tf.tensor2d([
    [1, 2],
    [-3, 0.5],
    [2, 2],
  ]);
const y = () => tf.tensor2d([[1], [0], [-1]]);

async function reloaded(net: tf.LayersModel, includeOptimizer = false): Promise<NengoModel> {
  return (await reloadedModel(net, { includeOptimizer })) as NengoModel;
}

describe("NengoModel", () => {
  before(() => tf.setBackend("cpu"));

  it("is a LayersModel that loads as itself, with names, weights and training configuration", async () => {
    const net = small(["myProbe", "Other_Probe"]);
    expect(net).to.be.instanceOf(tf.LayersModel);
    net.compile({
      optimizer: "adam",
      loss: { Other_Probe: "meanSquaredError" },
      metrics: { Other_Probe: ["meanAbsoluteError", tf.metrics.meanSquaredError], myProbe: "meanAbsoluteError" },
      lossWeights: { Other_Probe: 0.5 },
    });
    await net.fit(x(), [y(), y()], { verbose: 0, seed: 0, epochs: 3 });
    const loaded = await reloaded(net, true);
    expect(loaded).to.be.instanceOf(NengoModel);
    expect(loaded.outputNames).to.deep.equal(["myProbe", "Other_Probe"]);
    expect(loaded.metricsNames).to.deep.equal([
      "loss",
      "Other_Probe_loss",
      "myProbe_meanAbsoluteError",
      "Other_Probe_meanAbsoluteError",
      "Other_Probe_meanSquaredError",
    ]);
    expect(numbers(loaded.evaluate(x(), [y(), y()]))).to.deep.equal(numbers(net.evaluate(x(), [y(), y()])));
    // Adam goes on with its moments: targets on the other side make a fresh one step further.
    const other = tf.fill([3, 1], -5);
    for (const one of [net, loaded]) await one.fit(x(), [other, other], { verbose: 0, seed: 1, epochs: 2 });
    weightsOf(loaded).forEach((v, i) => expect(v).to.be.closeTo(weightsOf(net)[i], 1e-6));
    const before = tf.memory().numTensors;
    loaded.dispose();
    expect(tf.memory().numTensors).to.equal(before - 4 - 2 - 2 * 4); // weights, Adam's two powers and its moments
  });

  it("loads inside another model, and from JSON of its architecture", async () => {
    const inner = small(["p", "q"]);
    const input = tf.input({ shape: [2] });
    const outer = model({ inputs: input, outputs: inner.apply(input) as tf.SymbolicTensor[] });
    expect(outer.outputNames).to.deep.equal([inner.name, `${inner.name}_1`]);
    const loaded = await reloaded(outer);
    expect(loaded.getLayer(inner.name)).to.be.instanceOf(NengoModel);
    expect((loaded.getLayer(inner.name) as NengoModel).outputNames).to.deep.equal(["p", "q"]);
    const values = (net: NengoModel) => (net.predict(x()) as tf.Tensor[]).map((t) => t.arraySync());
    expect(values(loaded)).to.deep.equal(values(outer));
    const fromJson = await tf.models.modelFromJSON(inner.toJSON(null, false) as never);
    expect(fromJson).to.be.instanceOf(NengoModel);
  });

  it("keeps the outputs of one layer apart after reload", async () => {
    const input = tf.input({ shape: [2] });
    const outputs = new TwoOutputs({ name: "two" }).apply(input) as tf.SymbolicTensor[];
    const loaded = await reloaded(model({ inputs: input, outputs: [outputs[1], outputs[0]] }));
    expect(Object.entries(loaded.predictNamed(x())).map(([name, t]) => [name, t.dataSync()[1]])).to.deep.equal([
      ["two", 16],
      ["two_1", 4],
    ]);
  });

  it("names outputs of equal layer names without collision", () => {
    const input = tf.input({ shape: [2] });
    const two = new TwoOutputs({ name: "two" }).apply(input) as tf.SymbolicTensor[];
    const taken = constantDense("two_1", 1, 1).apply(input) as tf.SymbolicTensor;
    const net = model({ inputs: input, outputs: [...two, taken] });
    expect(net.outputNames).to.deep.equal(["two", "two_2", "two_1"]);
  });

  it("evaluates without an optimizer, and says what fit needs", async () => {
    const net = small();
    const uncompiled = await caught(() => net.evaluate(x(), y()));
    expect(uncompiled).to.be.instanceOf(ValidationError);
    expect(uncompiled.message).to.match(/NengoModel\.evaluate.*compile\(\{optimizer, loss\}\)/);
    net.compile({ loss: { Left: "meanSquaredError" } });
    expect(net.optimizer).to.equal(undefined);
    expect(numbers(net.evaluate(x(), y()))).to.have.length(2);
    for (const run of [() => net.fit(x(), y()), () => net.trainOnBatch(x(), y()), () => net.fitDataset({} as never, { epochs: 1 })]) {
      const error = await caught(run);
      expect(error).to.be.instanceOf(ValidationError);
      expect(error.message).to.match(/expected an optimizer, got none\..*compile/);
    }
    net.compile({ optimizer: "sgd", loss: { Left: "meanSquaredError" } });
    await net.fit(x(), y(), { verbose: 0, seed: 0 });
    net.compile({ loss: { Left: "meanSquaredError" } });
    expect(net.optimizer).to.equal(undefined);
    net.trainable = false;
    net.compile({ optimizer: "sgd", loss: "meanSquaredError" });
    expect((await caught(() => net.fit(x(), [y(), y()]))).message).to.match(/a trainable weight/);
  });

  it("refuses losses, weights, metrics and names that do not fit", () => {
    const net = small();
    const refused = (args: unknown, message: RegExp) => expect(() => net.compile(args as CompileArgs)).to.throw(ValidationError, message);
    refused({ loss: { left: "meanSquaredError" } }, /compile\.loss.*Left, right_part.*"left"/);
    refused({ loss: {} }, /compile\.loss.*at least one output/);
    refused({ optimizer: "sgd" }, /compile\.loss.*at least one output/);
    refused({ loss: ["meanSquaredError"] }, /compile\.loss.*each of the 2 outputs/);
    refused({ loss: { Left: 3 } }, /compile\.loss.*name or function.*3/);
    refused({ loss: "meanSquaredError", metrics: { wrong: "accuracy" } }, /compile\.metrics.*"wrong"/);
    refused({ loss: "meanSquaredError", lossWeights: { Left: "2" } }, /compile\.lossWeights.*finite/);
    refused({ loss: "meanSquaredError", lossWeights: [1] }, /compile\.lossWeights.*2 outputs/);
    refused({ loss: { Left: "meanSquaredError" }, lossWeights: { right_part: 2 } }, /compile\.lossWeights.*right_part/);
    refused({ loss: "nope" }, /NengoModel\.compile.*Unknown loss nope/);
    refused({ loss: "meanSquaredError", metrics: ["nope"] }, /Unknown metric nope/);
    refused({ loss: "meanSquaredError", optimizer: "nope" }, /Unknown Optimizer nope/);
    expect(() => net.evaluate(x(), [y(), y()])).to.throw(ValidationError, /expected a compiled model/);
    expect(() => small(["a"])).to.throw(ValidationError, /outputNames/);
    expect(() => small(["a", "a"])).to.throw(ValidationError, /distinct/);
    expect(() => small(["a", "b c"])).to.throw(ValidationError, /"b c"/);
  });

  it("refuses to save a training configuration that cannot be loaded", async () => {
    const net = small();
    net.compile({ optimizer: "sgd", loss: (t, p) => tf.sub(t, p) });
    expect(await caught(() => reloaded(net, true))).to.be.instanceOf(ValidationError);
    expect(await reloaded(net)).to.be.instanceOf(NengoModel);
  });

  it("leaks no tensor in compile, fit, evaluate, predict and dispose", async () => {
    const start = tf.memory().numTensors;
    const net = small();
    const [xs, ys] = [x(), y()];
    const cycle = async (loss: CompileArgs["loss"], targets: tf.Tensor[]) => {
      for (const optimizer of ["adam", "rmsprop", undefined, "sgd", "adam"]) {
        net.compile({ loss, metrics: ["meanAbsoluteError"], ...(optimizer === undefined ? {} : { optimizer }) });
        if (optimizer !== undefined) {
          await net.fit(xs, targets, { batchSize: 2, epochs: 2, verbose: 0, seed: 3, validationSplit: 0.34 });
          await net.trainOnBatch(xs, targets);
        }
        numbers(net.evaluate(xs, targets, { batchSize: 2 }));
        await net.evaluateNamed(xs, targets);
        tf.dispose(net.predict(xs, { batchSize: 2 }));
        tf.dispose(net.predictNamed({ [net.inputNames[0]]: xs }));
        tf.dispose(net.predictOnBatch(xs));
      }
    };
    await cycle("meanSquaredError", [ys, ys]);
    const first = tf.memory().numTensors;
    await cycle({ right_part: "meanAbsoluteError" }, [ys]);
    await cycle("meanSquaredError", [ys, ys]);
    expect(tf.memory().numTensors).to.equal(first);
    net.dispose();
    tf.dispose([xs, ys]);
    expect(tf.memory().numTensors).to.equal(start);
  });
});

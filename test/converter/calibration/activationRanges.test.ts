import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { activationRanges } from "../../../src/converter/calibration/activationRanges.ts";
import { modelGraph } from "../../../src/converter/graph.ts";
import * as nengo from "../../../src/index.ts";
import { expectNoLeaks } from "../../support/leaks.ts";
import { normals, randomise } from "../support.ts";

function model(): tf.LayersModel {
  const made = tf.sequential({
    layers: [
      tf.layers.dense({ units: 6, inputShape: [4], activation: "relu", name: "a" }),
      tf.layers.dense({ units: 5, activation: "tanh", name: "b" }),
    ],
  });
  randomise(made);
  return made;
}

/** The percentile of the sizes of all numbers but zeros. */
function plain(values: Float32Array, percentile: number): number {
  const sizes = Array.from(values, Math.abs)
    .filter((v) => v > 0)
    .sort((a, b) => a - b);
  return sizes[Math.min(sizes.length - 1, Math.floor((percentile / 100) * sizes.length))];
}

describe("activationRanges", () => {
  before(() => nengo.useBackend("wasm"));
  after(() => tf.setBackend("cpu"));

  it("are the percentiles of a plain computation, over several batches", () => {
    const m = model();
    const graph = modelGraph(m, { temporal: false, inputShapes: null });
    const x = normals([70, 4]);
    for (const percentile of [50, 90, 99.9, 100]) {
      const ranges = activationRanges(graph, [x], { percentile, measured: graph.calls });
      tf.tidy(() => {
        let y: tf.Tensor = x;
        for (const layer of m.layers) {
          y = layer.apply(y) as tf.Tensor;
          const values = y.dataSync<"float32">();
          const sizes = values.map(Math.abs);
          const range = ranges.get(layer.name)!;
          expect(range.high, `${layer.name} at ${percentile}`).to.be.closeTo(plain(values, percentile), 1e-6);
          expect(range.max).to.be.closeTo(Math.max(...sizes), 1e-6);
          expect(range.mean).to.be.closeTo(sizes.reduce((a, b) => a + b, 0) / sizes.length, 1e-6);
        }
      });
    }
    x.dispose();
  });

  it("of every channel are those of its own numbers, and none where channels are the first axis", () => {
    const m = tf.sequential({
      layers: [
        tf.layers.conv2d({ filters: 3, kernelSize: 2, inputShape: [6, 5, 2], activation: "relu", name: "a" }),
        tf.layers.maxPooling2d({ poolSize: 2, dataFormat: "channelsFirst", name: "b" }),
      ],
    });
    randomise(m);
    const graph = modelGraph(m, { temporal: false, inputShapes: null });
    const x = normals([40, 6, 5, 2]);
    const measured = graph.calls.filter(({ path }) => path !== "input");
    const ranges = activationRanges(graph, [x], { percentile: 80, measured, perChannel: true });
    const values = tf.tidy(() => (m.layers[0].apply(x) as tf.Tensor).dataSync<"float32">());
    expect(ranges.get("a")!.high).to.be.closeTo(plain(values, 80), 1e-6);
    const channels = ranges.get("a")!.channels!;
    expect(channels).to.have.length(3);
    channels.forEach((high, c) => {
      expect(high, `channel ${c}`).to.be.closeTo(
        plain(
          values.filter((_, k) => k % 3 === c),
          80,
        ),
        1e-6,
      );
    });
    expect(new Set(channels).size).to.equal(3);
    expect(ranges.get("b")!.channels).to.equal(null);
    x.dispose();
  });

  it("of more numbers than are kept are near those of all", () => {
    const m = tf.sequential({ layers: [tf.layers.activation({ activation: "relu", inputShape: [20000], name: "a" })] });
    const graph = modelGraph(m, { temporal: false, inputShapes: null });
    const x = normals([64, 20000]);
    const { high } = activationRanges(graph, [x], { percentile: 90, measured: graph.calls }).get("a")!;
    const wanted = plain(
      tf.tidy(() => tf.relu(x).dataSync<"float32">()),
      90,
    );
    expect(high).to.not.equal(0);
    expect(high).to.be.closeTo(wanted, 0.01 * wanted);
    x.dispose();
  });

  it("of a layer that gives nothing is 0, and leaves no tensors", async () => {
    const m = model();
    const graph = modelGraph(m, { temporal: false, inputShapes: null });
    const x = tf.zeros([5, 4]);
    m.layers[0].setWeights([tf.zeros([4, 6]), tf.fill([6], -1)]);
    expect(activationRanges(graph, [x], { percentile: 90, measured: graph.calls }).get("a")).to.deep.equal({
      high: 0,
      max: 0,
      mean: 0,
      channels: null,
    });
    await expectNoLeaks(() => activationRanges(graph, [x], { percentile: 90, measured: graph.calls }));
    x.dispose();
  });
});

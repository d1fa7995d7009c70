import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { calibrated } from "../../../src/converter/calibration/calibrated.ts";
import { matchedNeurons } from "../../../src/converter/calibration/matchedNeurons.ts";
import { resolveCalibration } from "../../../src/converter/calibration/options.ts";
import * as nengo from "../../../src/index.ts";
import { expectNoLeaks } from "../../support/leaks.ts";
import { normals, randomise } from "../support.ts";
import { reloaded } from "../../support/saving.ts";

function model(last: "softmax" | "sigmoid" | "relu" = "softmax"): tf.LayersModel {
  const made = tf.sequential({
    layers: [
      tf.layers.dense({ units: 8, inputShape: [4], activation: "relu", name: "a" }),
      tf.layers.dense({ units: 6, activation: "relu", name: "b" }),
      tf.layers.dense({ units: 3, activation: last, name: "c" }),
    ],
  });
  randomise(made);
  return made;
}

const relu = (x: Float64Array): Float64Array => x.map((v) => Math.max(0, v));

describe("matchedNeurons", () => {
  for (const [name, neuronType] of [
    ["LIF", new nengo.LIF()],
    ["LIF of other constants", new nengo.LIF({ tauRc: 0.05, tauRef: 0.004 })],
    ["AdaptiveLIF", new nengo.AdaptiveLIF()],
    ["SpikingRectifiedLinear", new nengo.SpikingRectifiedLinear()],
  ] as const)
    it(`fits ${name} to a rectifier within the error that it tells`, () => {
      const [high, rate] = [3.5, 120];
      const { neuronType: fitted, gain, bias, error } = matchedNeurons(neuronType, relu, high, rate)!;
      const x = Float64Array.from({ length: 997 }, (_, k) => ((k + 1) / 997) * high);
      const rates = fitted.rates(x.map((v) => gain * v + bias));
      const { amplitude } = fitted as unknown as { amplitude: number };
      const left = Math.sqrt(rates.reduce((sum, r, k) => sum + (r - x[k]) ** 2, 0) / 997) / high;
      expect(left).to.be.closeTo(error, 0.1 * error + 1e-6);
      expect(error).to.be.lessThan(0.12);
      // Nothing below 0, and the wanted rate at the top, as spikes a second.
      expect(fitted.rates(Float64Array.of(bias - 1e-6))[0]).to.equal(0);
      expect(rates.at(-1)! / amplitude).to.be.closeTo(rate, 1e-3 * rate);
      // The amplitude is the best one.
      for (const factor of [0.98, 1.02])
        expect(Math.sqrt(rates.reduce((sum, r, k) => sum + (factor * r - x[k]) ** 2, 0) / 997) / high).to.be.greaterThan(left);
    });

  it("asks a neuron with a refractory period for half of what it can do at most", () => {
    const { neuronType, gain, bias } = matchedNeurons(new nengo.LIF(), relu, 2, 5000)!;
    const { amplitude } = neuronType as nengo.LIF;
    expect(neuronType.rates(Float64Array.of(2 * gain + bias))[0] / amplitude).to.be.closeTo(250, 0.1);
  });

  it("has nothing for types without amplitude, and for an empty range", () => {
    expect(matchedNeurons(new nengo.Izhikevich(), relu, 1, 100)).to.equal(null);
    expect(matchedNeurons(new nengo.LIF(), relu, 0, 100)).to.equal(null);
  });
});

describe("calibrate", () => {
  before(() => nengo.useBackend("wasm"));
  after(() => tf.setBackend("cpu"));

  it("gives a spike a step at the percentile, or 512 spikes in few steps, or what is asked for", () => {
    expect(resolveCalibration({})).to.deep.equal({ percentile: 99.9, perChannel: false, rate: 1000 });
    expect(resolveCalibration({ steps: 8, dt: 0.01 })).to.deep.equal({ percentile: 99.9, perChannel: false, rate: 6400 });
    expect(resolveCalibration({ steps: 64 }).rate).to.equal(8000);
    expect(resolveCalibration({ spikesPerStep: 0.25 }).rate).to.equal(250);
    expect(resolveCalibration({ rate: 90, steps: 4 }).rate).to.equal(90);
    for (const [options, text] of [
      [{ percentile: 0 }, "calibrate.percentile"],
      [{ percentile: 101 }, "calibrate.percentile"],
      [{ rate: -1 }, "calibrate.rate"],
      [{ steps: 1.5 }, "calibrate.steps"],
      [{ spikesPerStep: 0 }, "calibrate.spikesPerStep"],
      [{ rate: 1, spikesPerStep: 1 }, "got both"],
      [{ perChannel: 1 }, "calibrate.perChannel"],
      [{ other: 1 }, "calibrate.other"],
    ] as const)
      expect(() => resolveCalibration(options as object), text).to.throw(nengo.ValidationError, text);
  });

  it("makes the fastest neuron as fast as asked, layer by layer", async () => {
    const m = model("relu");
    const data = normals([40, 4]);
    const snn = await nengo.toSpiking(m, { scaleFiringRates: "auto", data, calibration: { percentile: 100, rate: 200 }, seed: 1 });
    const scales = snn.layers.flatMap((layer) => (layer instanceof nengo.layers.SpikingActivation ? [layer.scaleFiringRates] : []));
    tf.tidy(() => {
      let y: tf.Tensor = data;
      m.layers.forEach((layer, k) => {
        y = layer.apply(y) as tf.Tensor;
        expect(tf.max(y).dataSync()[0] * scales[k], layer.name).to.be.closeTo(200, 1e-3);
      });
    });
    data.dispose();
  });

  it("has no targets, and no warnings, for layers without neurons", async () => {
    const data = normals([20, 4]);
    for (const last of ["softmax", "sigmoid"] as const) {
      const m = model(last);
      const snn = await nengo.toSpiking(m, { scaleFiringRates: "auto", data });
      const report = nengo.spikingReport(snn)!;
      expect(report.warnings).to.deep.equal([]);
      expect(report.layers.map(({ scale }) => scale !== 1)).to.deep.equal([true, true, false]);
      const conversion = await nengo.convert(m, { scaleFiringRates: "auto", data });
      expect(conversion.report.warnings).to.deep.equal([]);
      expect([...conversion.settings.targets.keys()]).to.deep.equal(last === "softmax" ? ["a", "b"] : ["a", "b", "c"]);
    }
    // Where the output has neurons of its own, it has a rate.
    const swapped = await nengo.toSpiking(model("sigmoid"), {
      scaleFiringRates: "auto",
      data,
      swapActivations: { sigmoid: new nengo.RegularSpiking({ baseType: new nengo.Sigmoid({ tauRef: 1 }) }) },
    });
    expect(nengo.spikingReport(swapped)!.layers.map(({ scale }) => scale !== 1)).to.deep.equal([true, true, true]);
    data.dispose();
  });

  it("converts anew with the other options as they were", async () => {
    const m = model();
    const data = normals([20, 4]);
    const options = {
      swapActivations: { relu: new nengo.SpikingRectifiedLinear() },
      synapse: 0.005,
      seed: 7,
      label: "mine",
      inferenceOnly: true,
    };
    const before = await nengo.convert(m, { ...options, scaleFiringRates: 3 });
    const after = await nengo.calibrate(before, data, { rate: 150, percentile: 100 });
    expect(after).to.not.equal(before);
    expect(after.model).to.equal(m);
    expect(after.network.label).to.equal("mine");
    expect(after.network.seed).to.equal(7);
    expect(after.settings.inferenceOnly).to.equal(true);
    expect(after.settings.synapse).to.deep.equal(before.settings.synapse);
    expect(after.report.warnings).to.deep.equal([]);
    const high = tf.tidy(() => tf.max(m.layers[0].apply(data) as tf.Tensor).dataSync()[0]);
    expect(after.report.layers.find(({ name }) => name === "a")!.scale).to.be.closeTo(150 / high, 1e-3);
    expect(before.report.layers.find(({ name }) => name === "a")!.scale).to.equal(3);
    await after.verify();
    // Again, with other rates: what was found before is forgotten.
    const again = await nengo.calibrate(after, data, { rate: 300, percentile: 100 });
    expect(again.report.layers.find(({ name }) => name === "a")!.scale).to.be.closeTo(300 / high, 1e-3);
    data.dispose();
  });

  it("starts neurons at half a threshold, unless told otherwise or their type has another voltage", async () => {
    const m = model("relu");
    const data = normals([20, 4]);
    const start = async (neuronType: nengo.NeuronType, options: nengo.ConvertOptions): Promise<unknown> => {
      const conversion = await nengo.convert(m, { swapActivations: { relu: neuronType }, ...options });
      const { initialState } = conversion.network.allEnsembles[0].neuronType;
      conversion.dispose();
      return (initialState["voltage"] as nengo.NdArray | undefined)?.data[0];
    };
    const auto = { scaleFiringRates: "auto" as const, data };
    const spiking = new nengo.SpikingRectifiedLinear();
    expect(await start(spiking, auto)).to.equal(0.5);
    expect(await start(new nengo.LIF(), auto)).to.equal(0.5);
    expect(await start(new nengo.RegularSpiking({ baseType: new nengo.RectifiedLinear() }), auto)).to.equal(0.5);
    expect(await start(spiking, {})).to.equal(undefined);
    expect(await start(spiking, { initialVoltage: 0.25 })).to.equal(0.25);
    expect(await start(spiking, { ...auto, initialVoltage: null })).to.equal(undefined);
    expect(await start(new nengo.SpikingRectifiedLinear({ initialState: { voltage: [0.1] } }), auto)).to.equal(0.1);
    class InMillivolts extends nengo.LIF {
      override get defaultState(): nengo.LIF["defaultState"] {
        return { ...super.defaultState, voltage: new nengo.Uniform({ low: -70, high: -60 }) };
      }
    }
    expect(await start(new InMillivolts(), auto)).to.equal(undefined);
    const bad = await nengo.convert(m, { initialVoltage: 2 }).then(
      () => null,
      (e: unknown) => e as Error,
    );
    expect(bad!.message).to.include("convert.initialVoltage");
    data.dispose();
  });

  it("fits LIF neurons of networks and of spiking models, whose rates then follow the model", async () => {
    const m = tf.sequential({ layers: [tf.layers.dense({ units: 8, inputShape: [4], activation: "relu", name: "a" })] });
    randomise(m);
    const data = normals([50, 4]);
    const options = {
      swapActivations: { relu: new nengo.LIF() },
      scaleFiringRates: "auto" as const,
      data,
      calibration: { rate: 100, percentile: 100 },
    };
    const conversion = await nengo.convert(m, options);
    const [{ notes }] = conversion.report.layers.filter(({ name }) => name === "a");
    expect(notes.join()).to.match(/LIF fitted to relu up to .*, within [\d.]+ % of .* \(root mean square\)/);
    const snn = await nengo.toSpiking(m, { ...options, seed: 1 });
    const note = nengo.spikingReport(snn)!.layers[0].notes.join();
    const [, high, part] = /up to ([\d.]+), within ([\d.]+) %/.exec(note)!;
    const steps = 1000;
    tf.tidy(() => {
      const x = tf.slice(data, [0, 0], [10, 4]);
      const wanted = (m.predict(x) as tf.Tensor).dataSync();
      const got = (
        snn.predict(
          tf.stack(
            Array.from({ length: steps }, () => x),
            1,
          ),
        ) as tf.Tensor
      ).dataSync();
      const active = Array.from(wanted).flatMap((v, k) => (v > 0 ? [v - got[k]] : []));
      const error = Math.sqrt(active.reduce((sum, v) => sum + v * v, 0) / active.length);
      // Over a uniform range the error is as told; small activations, which are more frequent, are a little further off.
      expect(error).to.be.lessThan((2 * Number(part) * Number(high)) / 100);
      expect(Math.max(...got.filter((_, k) => wanted[k] === 0))).to.equal(0);
    });
    data.dispose();
  });

  describe("by channel", () => {
    /** Two convolutions, of which the second has a channel that never gives anything. */
    function images(activation: "relu" | "relu6" = "relu"): tf.LayersModel {
      const made = tf.sequential({
        layers: [
          tf.layers.conv2d({ filters: 4, kernelSize: 3, inputShape: [6, 6, 1], activation, name: "a" }),
          tf.layers.conv2d({ filters: 3, kernelSize: 2, activation, name: "b" }),
          tf.layers.flatten({ name: "f" }),
          tf.layers.dense({ units: 3, name: "c" }),
        ],
      });
      randomise(made);
      const [kernel, bias] = made.layers[1].getWeights();
      const values = bias.dataSync().slice();
      values[1] = -1000;
      made.layers[1].setWeights([kernel, tf.tensor1d(values)]);
      return made;
    }
    const kinds = [
      ["SpikingRectifiedLinear", new nengo.SpikingRectifiedLinear()],
      ["LIF", new nengo.LIF()],
    ] as const;

    for (const [kind, neuronType] of kinds)
      it(`networks of ${kind} reach the rate in every channel, keep the function, and go back`, async () => {
        const m = images();
        const data = normals([30, 6, 6, 1]);
        const calibration = { percentile: 100, rate: 100, perChannel: true };
        const options = { swapActivations: { relu: neuronType }, scaleFiringRates: "auto" as const, data, calibration };
        const conversion = await nengo.convert(m, options);
        expect(conversion.report.layers[0].notes.join()).to.match(/channels have rates of their own: x [\d.]+ to x [\d.]+/);
        await conversion.verify(data, { steps: 20 });
        // The neurons of a, by what they are given: the largest of every channel fires at 100 Hz.
        const [{ ensemble, faster }] = conversion.calls.find(({ call }) => call.path === "a")!.neurons;
        expect(Math.max(...faster!)).to.be.greaterThan(1.1);
        const sums = tf.tidy(() => {
          const [kernel, bias] = m.layers[0].getWeights();
          return tf.max(tf.add(tf.conv2d(data as tf.Tensor4D, kernel as tf.Tensor4D, 1, "valid"), bias), [0, 1, 2]).dataSync<"float32">();
        });
        const gain = (ensemble.gain as nengo.NdArray).data;
        const bias = (ensemble.bias as nengo.Uniform).low;
        const { amplitude } = ensemble.neuronType as nengo.LIF;
        sums.forEach((high, c) => {
          const [rate] = ensemble.neuronType.rates(Float64Array.of(high * gain[c] + bias));
          expect(rate / amplitude, `channel ${c}`).to.be.closeTo(100, 0.01);
        });
        const back = await nengo.toLayersModel(conversion);
        tf.tidy(() => {
          const [a, b] = [m, back].map((one) => (one.predict(data) as tf.Tensor).dataSync());
          a.forEach((v, k) => expect(b[k]).to.be.closeTo(v, 1e-5 * Math.max(...a.map(Math.abs))));
        });
        const filtered = await nengo.convert(m, { ...options, synapse: 0.05 });
        const measured = await filtered.measure(data, null, { steps: 200 });
        for (const { name, correlation } of measured.layers) expect(correlation, name).to.be.greaterThan(kind === "LIF" ? 0.9 : 0.97);
        conversion.dispose();
        data.dispose();
      });

    for (const [kind, swapActivations] of [
      ["spikes of the activation", undefined],
      ...kinds.map(([name, type]) => [name, { relu: type }]),
    ] as const)
      it(`spiking models of ${kind as string} follow the model, and go back`, async () => {
        const m = images();
        const data = normals([20, 6, 6, 1]);
        const calibration = { percentile: 100, rate: 8000, perChannel: true };
        const snn = await nengo.toSpiking(m, {
          ...(swapActivations === undefined ? {} : { swapActivations: swapActivations as Record<string, nengo.NeuronType> }),
          scaleFiringRates: "auto",
          data,
          calibration,
          steps: kind === "LIF" ? 400 : 100,
          synapse: kind === "LIF" ? 0.05 : null,
          seed: 3,
        });
        expect(nengo.spikingReport(snn)!.layers[0].notes.join()).to.match(/channels have rates of their own/);
        const measured = await nengo.measureSpiking(snn, data);
        for (const { name, correlation, percentiles } of measured.layers) {
          expect(correlation, name).to.be.greaterThan(kind === "LIF" ? 0.9 : 0.99);
          expect(percentiles[100], name).to.be.within(kind === "LIF" ? 200 : 7000, 9000);
        }
        // As loaded from a file, where only the layers tell what they stand for.
        const loaded = await reloaded(snn);
        for (const one of [snn, loaded]) {
          const back = await nengo.toLayersModel(one);
          expect(back.layers.map(({ name }) => name).filter((name) => !name.startsWith("a_input"))).to.deep.equal(["a", "b", "f", "c"]);
          tf.tidy(() => {
            const [a, b] = [m, back].map((model) => (model.predict(data) as tf.Tensor).dataSync());
            a.forEach((v, k) => expect(b[k]).to.be.closeTo(v, 1e-5 * Math.max(...a.map(Math.abs))));
          });
        }
        data.dispose();
      });

    it("has no room for a channel's own rate where the activation is no straight line, and says so", async () => {
      const m = images("relu6");
      const data = normals([20, 6, 6, 1]);
      const calibration = { percentile: 100, rate: 100, perChannel: true };
      const text = /rates of the whole layer, not of channels/;
      const conversion = await nengo.convert(m, { scaleFiringRates: "auto", data, calibration });
      expect(conversion.report.layers[0].notes.join()).to.match(text);
      await conversion.verify(data, { steps: 20 });
      const snn = await nengo.toSpiking(m, { scaleFiringRates: "auto", data, calibration });
      expect(nengo.spikingReport(snn)!.layers[0].notes.join()).to.match(text);
      conversion.dispose();
      data.dispose();
    });

    it("takes lists of factors, and refuses those of another length, and where channels are the first axis", async () => {
      const m = images();
      const conversion = await nengo.convert(m, { scaleFiringRates: { a: [2, 4, 6, 8], b: [5, 5, 5] } });
      expect(conversion.report.layers.slice(0, 2).map(({ scale }) => scale)).to.deep.equal([2, 5]);
      expect([...conversion.calls.find(({ call }) => call.path === "a")!.neurons[0].faster!.slice(0, 5)]).to.deep.equal([1, 2, 3, 4, 1]);
      await conversion.verify();
      const first = tf.sequential({
        layers: [
          tf.layers.conv2d({
            filters: 2,
            kernelSize: 2,
            inputShape: [1, 4, 4],
            dataFormat: "channelsFirst",
            activation: "relu",
            name: "a",
          }),
        ],
      });
      for (const [model, list, type, text] of [
        [m, [1, 2], nengo.ShapeError, "expected a factor for each of 4 channels, got 2"],
        [m, [1, 2, 3, -4], nengo.ValidationError, "scaleFiringRates"],
        [first, [1, 2], nengo.ConversionError, "its channels are the first axis"],
      ] as const)
        for (const work of [nengo.convert, nengo.toSpiking] as const) {
          const error = await work(model, { scaleFiringRates: { a: list } }).then(
            () => null,
            (e: unknown) => e as Error,
          );
          expect(error, text).to.be.instanceOf(type);
          expect(error!.message).to.include(text);
        }
    });
  });

  it("leaves options alone that ask for nothing by data", () => {
    const m = model();
    const given = { scaleFiringRates: { a: 2 }, synapse: 0.1 };
    expect(calibrated(m, given, () => true)).to.deep.equal({ options: given, targets: null });
    expect(calibrated(m, {}, () => true)).to.deep.equal({ options: {}, targets: null });
  });

  it("refuses what is no conversion, and data that do not fit, by typed errors", async () => {
    const m = model();
    const conversion = await nengo.convert(m);
    const [data, wrong] = [normals([5, 4]), normals([5, 3])];
    const thrown = (work: () => Promise<unknown>): Promise<Error> =>
      work().then(
        () => new Error("nothing was thrown"),
        (e: unknown) => e as Error,
      );
    for (const [work, text] of [
      [() => nengo.calibrate(m as never, data), "calibrate.conversion: expected what convert gave"],
      [() => nengo.calibrate(conversion, undefined as never), "calibrate.data"],
      [() => nengo.calibrate(conversion, []), "calibrate.data"],
      [() => nengo.calibrate(conversion, [data, data]), "calibrate.data"],
      [() => nengo.calibrate(conversion, wrong), "calibrate.data"],
      [() => nengo.calibrate(conversion, tf.scalar(1)), "calibrate.data"],
      [() => nengo.calibrate(conversion, tf.zeros([0, 4])), "calibrate.data"],
      [() => nengo.calibrate(conversion, data, { rate: 1, spikesPerStep: 1 }), "got both"],
    ] as const) {
      const error = await thrown(work);
      expect(error, text).to.be.instanceOf(nengo.ValidationError);
      expect(error.message).to.include(text);
    }
    tf.dispose([data, wrong]);
  });

  it("leaves no tensors behind", async () => {
    const conversion = await nengo.convert(model("relu"));
    const data = normals([5, 4]);
    await expectNoLeaks(async () => {
      (await nengo.calibrate(conversion, data)).dispose();
    });
    data.dispose();
  });
});

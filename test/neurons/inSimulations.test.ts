import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import * as nengo from "../../src/index.ts";

/** Leaky integrate-and-fire without a refractory period, as a step function. */
class Leaky extends nengo.HostNeuronType {
  static override readonly type: string = "Leaky";
  static override readonly parameters: readonly string[] = ["initialState"];
  constructor(options: nengo.NeuronTypeOptions = {}) {
    super(options);
  }
  override get spiking(): boolean {
    return true;
  }
  override get defaultState(): Readonly<Record<string, nengo.Distribution>> {
    return { voltage: new nengo.Uniform({ low: 0, high: 1 }) };
  }
  override step(dt: number, J: Float64Array, output: Float64Array, { voltage }: Readonly<Record<string, Float64Array>>): void {
    J.forEach((current, i) => {
      voltage[i] += (dt / 0.02) * (current - voltage[i]);
      output[i] = voltage[i] > 1 ? 1 / dt : 0;
      if (voltage[i] > 1) voltage[i] = 0;
    });
  }
  override rates(J: Float64Array): Float64Array {
    return J.map((current) => (current > 1 ? 1 / (0.02 * Math.log1p(1 / (current - 1))) : 0));
  }
}

function population(neuronType: nengo.NeuronType, options: nengo.EnsembleOptions = {}) {
  const net = new nengo.Network({ seed: 5 });
  const input = net.node(0.6, { label: "in" });
  const a = net.ensemble(8, 1, { neuronType, label: "a", ...options });
  net.connect(input, a, { synapse: null });
  return { net, input, a, spikes: net.probe(a.neurons), decoded: net.probe(a, { synapse: 0.05 }) };
}

describe("neuron types in simulations", () => {
  describe("that draw", () => {
    for (const neuronType of [
      new nengo.StochasticSpiking({ baseType: new nengo.LIFRate() }),
      new nengo.PoissonSpiking({ baseType: new nengo.LIFRate() }),
    ]) {
      it(`${neuronType.type}: go on drawing after a reset, as in Nengo`, async () => {
        const { net, spikes } = population(neuronType);
        const sim = new nengo.Simulator(net, { progressBar: false });
        await sim.runSteps(50);
        const first = sim.data.get(spikes).data.slice();
        sim.reset();
        await sim.runSteps(50);
        expect(sim.data.get(spikes).data).not.to.deep.equal(first);
        const again = new nengo.Simulator(net, { progressBar: false });
        await again.runSteps(50);
        expect(again.data.get(spikes).data).to.deep.equal(first);
      });

      it(`${neuronType.type}: draw for every item by itself, the first as an unbatched run`, async () => {
        const { net, spikes } = population(neuronType);
        const sim = new nengo.Simulator(net, { minibatchSize: 3, progressBar: false });
        await sim.runSteps(50);
        const all = sim.data.get(spikes);
        const alone = new nengo.Simulator(net, { progressBar: false });
        await alone.runSteps(50);
        expect(all.item(0).data).to.deep.equal(alone.data.get(spikes).data);
        expect(all.item(1).data).not.to.deep.equal(all.item(0).data);
        expect(all.item(2).data).not.to.deep.equal(all.item(1).data);
      });

      it(`${neuronType.type}: fire at the rate of the base type`, async () => {
        const { net, spikes, a } = population(neuronType);
        const sim = new nengo.Simulator(net, { progressBar: false });
        await sim.run(4);
        const { data } = sim.data.get(spikes);
        const { gain, bias, encoders } = sim.data.get(a);
        const rates = neuronType.rates(gain!.data.map((g, i) => g * encoders.data[i] * 0.6 + bias!.data[i]));
        rates.forEach((rate, i) => {
          let count = 0;
          for (let k = i; k < data.length; k += 8) count += data[k] / 1000;
          expect(Math.abs(count / 4 - rate), `neuron ${i}`).to.be.at.most(4 * Math.sqrt(rate / 4) + 0.5);
        });
      });

      it(`${neuronType.type}: train by the base type's rate`, async () => {
        await nengo.useBackend("cpu");
        const { net, input, decoded } = population(neuronType);
        const sim = new nengo.Simulator(net, { progressBar: false });
        sim.compile({ optimizer: tf.train.adam(0.05), loss: [[decoded, "meanSquaredError"]] });
        const x = Array.from({ length: 4 }, (_, b) => Array.from({ length: 20 }, (_, t) => [Math.sin(b + t / 5)]));
        const history = await sim.fit([[input, x]], [[decoded, x]], { epochs: 4 });
        const losses = history.history["loss"] as number[];
        expect(losses.every(Number.isFinite)).to.equal(true);
        expect(losses.at(-1)).to.be.below(losses[0]);
      });
    }
  });

  describe("that are a step function", () => {
    it("find gain and bias by search, and run item by item with states of their own", async () => {
      const { net, a, spikes, decoded } = population(new Leaky(), {
        maxRates: [100, 120, 90, 60, 110, 80, 70, 75],
        intercepts: [-0.9, -0.5, -0.3, 0, 0.1, 0.2, 0.4, 0.5],
      });
      const voltage = net.probe(a.neurons, { attribute: "voltage" });
      const sim = new nengo.Simulator(net, { minibatchSize: 2, progressBar: false });
      await sim.runSteps(300);
      const [data, v] = [sim.data.get(spikes), sim.data.get(voltage)];
      expect(data.item(0).data).to.deep.equal(data.item(1).data);
      expect(data.item(0).data.some((s) => s === 1000)).to.equal(true);
      expect(v.item(0).data.every((u) => u <= 1)).to.equal(true);
      expect(sim.data.get(decoded).item(0).data.at(-1)).to.be.within(0.3, 0.9);
    });

    it("stop gradients, and compile says where", () => {
      const { net, decoded } = population(new Leaky(), { maxRates: new nengo.Uniform({ low: 50, high: 100 }) });
      const sim = new nengo.Simulator(net, { progressBar: false });
      expect(() => sim.compile({ optimizer: "sgd", loss: [[decoded, "meanSquaredError"]] })).to.throw(
        nengo.BuildError,
        /expected a way with gradients from "Ensemble "a"\.(scaledEncoders|bias)" to the loss, got only ways through SimNeurons Ensemble "a"/,
      );
    });

    it("cannot be written to a file unless their class is registered", () => {
      const { net } = population(new Leaky());
      expect(() => nengo.networkToJSON(net)).to.throw(nengo.NetworkFileError, "registerType");
    });
  });

  it("of Izhikevich train through their voltages", async () => {
    await nengo.useBackend("cpu");
    const { net, input, decoded } = population(new nengo.Izhikevich(), { maxRates: new nengo.Uniform({ low: 40, high: 80 }) });
    const sim = new nengo.Simulator(net, { progressBar: false });
    sim.compile({ optimizer: tf.train.adam(0.1), loss: [[decoded, "meanSquaredError"]] });
    const x = Array.from({ length: 2 }, () => new Array<number[]>(100).fill([0.8]));
    const y = Array.from({ length: 2 }, () => new Array<number[]>(100).fill([0.4]));
    const history = await sim.fit([[input, x]], [[decoded, y]], { epochs: 8 });
    const losses = history.history["loss"] as number[];
    expect(losses.every(Number.isFinite)).to.equal(true);
    expect(Math.min(...losses.slice(1))).to.be.below(losses[0]);
  });
});

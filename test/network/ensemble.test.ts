import { expect } from "chai";
import { ScatteredHypersphere, Uniform } from "../../src/distributions/index.ts";
import { ShapeError, ValidationError } from "../../src/errors.ts";
import { Network, Neurons, type EnsembleOptions } from "../../src/network/index.ts";
import { Direct, LIF, LIFRate, RectifiedLinear } from "../../src/neurons/index.ts";
import { Process, type ProcessStep } from "../../src/processes/process.ts";

class Silence extends Process {
  static override readonly type = "Silence";
  constructor() {
    super({});
  }
  makeStep(): ProcessStep {
    return () => 0;
  }
}

const make = (options: EnsembleOptions = {}, nNeurons = 4, dimensions = 2) => new Network().ensemble(nNeurons, dimensions, options);

describe("Ensemble", () => {
  it("has Nengo's defaults", () => {
    const a = make();
    expect([a.nNeurons, a.dimensions, a.sizeIn, a.sizeOut, a.radius]).to.deep.equal([4, 2, 2, 2, 1]);
    expect(a.encoders).to.satisfy((d: ScatteredHypersphere) => d.equals(new ScatteredHypersphere({ surface: true })));
    expect(a.evalPoints).to.satisfy((d: ScatteredHypersphere) => d.equals(new ScatteredHypersphere()));
    expect(a.intercepts).to.satisfy((d: Uniform) => d.equals(new Uniform({ low: -1, high: 0.9 })));
    expect(a.maxRates).to.satisfy((d: Uniform) => d.equals(new Uniform({ low: 200, high: 400 })));
    expect(a.neuronType.equals(new LIF())).to.equal(true);
    expect([a.nEvalPoints, a.gain, a.bias, a.noise, a.normalizeEncoders, a.label, a.seed]).to.deep.equal([
      null,
      null,
      null,
      null,
      true,
      null,
      null,
    ]);
  });

  it("takes distributions as they are and arrays as float64", () => {
    const intercepts = new Uniform({ low: 0, high: 0.5 });
    const encoders = [
      [1, 0],
      [0, 1],
      [-1, 0],
      [0, -1],
    ];
    const a = make({
      intercepts,
      encoders,
      evalPoints: [[0.5, 0.25]],
      gain: Float32Array.of(1, 2, 3, 4),
      bias: { shape: [4], data: [0, 1, 2, 3] },
    });
    expect(a.intercepts).to.equal(intercepts);
    expect(a.encoders).to.deep.equal({ shape: [4, 2], data: Float64Array.of(1, 0, 0, 1, -1, 0, 0, -1) });
    expect(a.evalPoints).to.deep.equal({ shape: [1, 2], data: Float64Array.of(0.5, 0.25) });
    expect(a.gain).to.deep.equal({ shape: [4], data: Float64Array.of(1, 2, 3, 4) });
    expect(a.bias).to.deep.equal({ shape: [4], data: Float64Array.of(0, 1, 2, 3) });
    encoders[0][0] = 9;
    expect((a.encoders as { data: Float64Array }).data[0]).to.equal(1);
  });

  it("takes one number for all neurons", () => {
    const a = make({ intercepts: 0.5, maxRates: 100, gain: 2, bias: 0 });
    expect([a.intercepts, a.maxRates, a.gain, a.bias]).to.deep.equal(
      [0.5, 100, 2, 0].map((v) => ({ shape: [4], data: new Float64Array(4).fill(v) })),
    );
  });

  it("has one neurons object", () => {
    const a = make();
    expect(a.neurons).to.be.instanceOf(Neurons);
    expect(a.neurons).to.equal(a.neurons);
    expect(a.neurons.ensemble).to.equal(a);
    expect([a.neurons.sizeIn, a.neurons.sizeOut]).to.deep.equal([4, 4]);
    expect(a.neurons.probeable).to.deep.equal(["output", "voltage", "refractoryTime", "input"]);
  });

  it("has no neurons in Direct mode", () => {
    const a = make({ neuronType: new Direct() });
    expect([a.neurons.sizeIn, a.neurons.sizeOut]).to.deep.equal([0, 0]);
    a.neuronType = new RectifiedLinear();
    expect(a.neurons.sizeOut).to.equal(4);
  });

  it("may be changed later, with the same checks", () => {
    const a = make({ label: "a" });
    const noise = new Silence();
    a.radius = 2;
    a.intercepts = 0.25;
    a.maxRates = new Uniform({ low: 10, high: 20 });
    a.encoders = [
      [1, 0],
      [0, 1],
      [-1, 0],
      [0, -1],
    ];
    a.evalPoints = [
      [1, 1],
      [0, 0],
      [0, 1],
    ];
    a.nEvalPoints = 50;
    a.neuronType = new LIFRate();
    a.gain = [1, 1, 1, 1];
    a.bias = null;
    a.noise = noise;
    a.normalizeEncoders = false;
    a.seed = 9;
    expect([a.radius, a.nEvalPoints, a.noise, a.normalizeEncoders, a.seed, a.bias]).to.deep.equal([2, 50, noise, false, 9, null]);
    expect(a.intercepts).to.deep.equal({ shape: [4], data: new Float64Array(4).fill(0.25) });
    expect(a.neuronType).to.be.instanceOf(LIFRate);
    expect(() => (a.radius = 0)).to.throw(ValidationError, 'Ensemble "a".radius: expected a finite number >= 1e-10, got 0.');
    expect(() => (a.encoders = [[1, 0]])).to.throw(
      ShapeError,
      'Ensemble "a".encoders: expected a distribution or an array of shape [4, 2], got shape [1, 2].',
    );
    expect(() => (a.neuronType = null as never)).to.throw(
      ValidationError,
      'Ensemble "a".neuronType: expected a neuron type such as new LIF(), got null.',
    );
    expect(a.radius).to.equal(2);
    a.label = "b";
    expect(() => (a.seed = -1)).to.throw(ValidationError, 'Ensemble "b".seed');
  });

  it("refuses bad counts", () => {
    const net = new Network();
    for (const bad of [0, -1]) {
      expect(() => net.ensemble(bad, 1)).to.throw(
        ValidationError,
        `Ensemble.nNeurons: expected a finite number >= 1 and <= 268435456, got ${bad}.`,
      );
      expect(() => net.ensemble(1, bad, { label: "x" })).to.throw(
        ValidationError,
        `Ensemble "x".dimensions: expected a finite number >= 1 and <= 268435456, got ${bad}.`,
      );
    }
    expect(() => net.ensemble(1.5, 1)).to.throw(ValidationError, "Ensemble.nNeurons: expected an integer, got 1.5.");
    expect(() => net.ensemble("10" as never, 1)).to.throw(ValidationError, 'Ensemble.nNeurons: expected an integer, got "10".');
    expect(() => net.ensemble(10, undefined as never)).to.throw(
      ValidationError,
      "Ensemble.dimensions: expected an integer, got undefined.",
    );
    expect(() => make({ nEvalPoints: 0 })).to.throw(ValidationError, "Ensemble.nEvalPoints: expected a finite number >= 1, got 0.");
  });

  it("refuses bad options", () => {
    const known =
      "radius, encoders, intercepts, maxRates, evalPoints, nEvalPoints, neuronType, gain, bias, noise, normalizeEncoders, label, seed";
    expect(() => make({ max_rates: 5 } as never)).to.throw(
      ValidationError,
      `Ensemble.max_rates: expected one of ${known}, got an unknown option "max_rates". Remove or rename it.`,
    );
    expect(() => make("a" as never)).to.throw(ValidationError, `Ensemble: expected an options object with one of ${known}, got "a".`);
    expect(() => make(null as never)).to.throw(ValidationError, "got null");
    expect(() => make({ toString: 1 } as never)).to.throw(ValidationError, "Ensemble.toString");
    expect(() => make({ neuronType: "LIF" as never })).to.throw(
      ValidationError,
      'Ensemble.neuronType: expected a neuron type such as new LIF(), got "LIF".',
    );
    expect(() => make({ neuronType: LIF as never })).to.throw(ValidationError, "got function LIF");
    expect(() => make({ noise: new LIF() as never })).to.throw(ValidationError, "Ensemble.noise: expected a process or null, got a LIF.");
    expect(() => make({ normalizeEncoders: 1 as never })).to.throw(
      ValidationError,
      "Ensemble.normalizeEncoders: expected true or false, got 1.",
    );
    expect(() => make({ label: 1 as never })).to.throw(ValidationError, "Ensemble.label: expected a string, got 1.");
    expect(() => make({ seed: 2 ** 32 })).to.throw(ValidationError, "Ensemble.seed");
    expect(() => make({ radius: Infinity })).to.throw(ValidationError, "Ensemble.radius: expected a finite number >= 1e-10, got Infinity.");
    expect(() => make({ radius: null as never })).to.throw(ValidationError, "Ensemble.radius");
  });

  it("refuses arrays of other shapes", () => {
    const expected = (shape: string) => `expected a distribution or an array of shape [${shape}]`;
    expect(() => make({ encoders: [[1], [1], [1], [1]] })).to.throw(
      ShapeError,
      `Ensemble.encoders: ${expected("4, 2")}, got shape [4, 1].`,
    );
    expect(() => make({ encoders: 1 })).to.throw(ShapeError, `Ensemble.encoders: ${expected("4, 2")}, got a number.`);
    expect(() => make({ intercepts: [0, 0, 0] })).to.throw(ShapeError, `Ensemble.intercepts: ${expected("4")}, got shape [3].`);
    expect(() => make({ maxRates: [[1], [1], [1], [1]] })).to.throw(ShapeError, `Ensemble.maxRates: ${expected("4")}, got shape [4, 1].`);
    expect(() => make({ gain: [1] })).to.throw(ShapeError, `Ensemble.gain: ${expected("4")}, got shape [1].`);
    expect(() => make({ bias: [] })).to.throw(ShapeError, `Ensemble.bias: ${expected("4")}, got shape [0].`);
    expect(() => make({ evalPoints: [[1, 2, 3]] })).to.throw(
      ShapeError,
      `Ensemble.evalPoints: ${expected("nEvalPoints, 2")}, got shape [1, 3].`,
    );
    expect(() => make({ evalPoints: { shape: [0, 2], data: [] } })).to.throw(ShapeError, "got shape [0, 2]");
    expect(() => make({ encoders: [[1, 2], [3]] as never })).to.throw(ShapeError, "Ensemble.encoders: expected rows of equal length 2");
    expect(() => make({ encoders: "surface" as never })).to.throw(
      ValidationError,
      `Ensemble.encoders: ${expected("4, 2")}, got "surface".`,
    );
    expect(() => make({ encoders: null as never })).to.throw(ValidationError, "got null");
    expect(() => make({ intercepts: [0, NaN, 0, 0] })).to.throw(
      ValidationError,
      "Ensemble.intercepts: expected finite numbers, got NaN at position 1.",
    );
    expect(() => make({ gain: Infinity })).to.throw(ValidationError, "Ensemble.gain: expected finite numbers, got Infinity");
  });
});

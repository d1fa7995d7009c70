import { expect } from "chai";
import * as distributions from "../../src/distributions/index.ts";
import * as neurons from "../../src/neurons/index.ts";
import type { NeuronType } from "../../src/neurons/neuronType.ts";
import { make } from "../support/declared.ts";
import { fixture } from "../support/fixtures.ts";
import type { ArrayJSON } from "../support/nengoNetworks.ts";
import { expectClose, expectRelative, expectSame } from "../support/numbers.ts";
import { runNeurons, type NeuronRun } from "../support/simulate.ts";

interface Steps {
  readonly dt: number;
  readonly steps: number;
  readonly initial: Readonly<Record<string, readonly number[]>>;
  /** Neurons with state. */
  readonly spikeCounts?: readonly number[];
  readonly firstSteps?: ArrayJSON;
  readonly state?: Readonly<Record<string, ArrayJSON>>;
  readonly lastState?: Readonly<Record<string, ArrayJSON>>;
  /** Neurons without. */
  readonly output?: ArrayJSON;
  readonly varying: {
    readonly current: readonly number[];
    readonly initial: Readonly<Record<string, readonly number[]>>;
    readonly output: readonly number[];
    readonly state: Readonly<Record<string, readonly number[]>>;
  };
}

interface Case {
  readonly neuronType: { readonly type: string; readonly amplitude?: number };
  readonly gainBias: Readonly<Record<"maxRates" | "intercepts" | "gain" | "bias", readonly number[]>>;
  readonly inverse: Readonly<Record<"maxRates" | "intercepts" | "gain" | "bias", readonly number[]>>;
  readonly rates: readonly number[];
  readonly curves: {
    readonly x: readonly number[];
    readonly gain: readonly number[];
    readonly bias: readonly number[];
    readonly rates: ArrayJSON;
  };
  readonly steps: readonly Steps[];
}

interface Fixture {
  readonly currents: readonly number[];
  readonly cases: readonly Case[];
}
const { currents, cases: nengos } = fixture<Fixture>("nengo/neurons.json");
const { cases: nengodls } = fixture<Fixture>("nengodl/neuronTypes.json");
const registry = { ...distributions, ...neurons };
const largest = (values: readonly number[]): number => values.reduce((a, v) => Math.max(a, Math.abs(v)), 0);

describe("neuron types, as Nengo's and NengoDL's", () => {
  it("are all in the fixtures", () => {
    const known = new Set([...nengos, ...nengodls].map(({ neuronType }) => neuronType.type));
    // The last two are of Keras; see formulas.test.ts.
    expect(Object.keys(neurons).filter((name) => !known.has(name))).to.have.members(["Direct", "ClippedReLU", "ELU", "SquaredReLU"]);
  });

  for (const { neuronType, gainBias, inverse, rates, curves, steps } of [...nengos, ...nengodls]) {
    const { type: name, ...options } = neuronType;
    describe(`${name} ${JSON.stringify(options)}`, () => {
      const type = make<NeuronType>(registry, name, options);
      // Far below threshold NengoDL takes exp(x) for log(1 + exp(x)), which is 1e-9 off; the rate then is 5e-11.
      const exactness = name === "SoftLIFRate" ? 1e-10 : 1e-12;

      it("turns maximum rates and intercepts into gain and bias", () => {
        const { gain, bias } = type.gainBias(Float64Array.from(gainBias.maxRates), Float64Array.from(gainBias.intercepts));
        expectRelative(gain, gainBias.gain, 1e-12, "gain");
        gainBias.gain.forEach((g, i) => expectClose([bias[i]], [gainBias.bias[i]], 1e-12 * Math.max(1, g), `bias ${i}`));
      });

      it("turns gain and bias back", () => {
        const { maxRates, intercepts } = type.maxRatesIntercepts(Float64Array.from(inverse.gain), Float64Array.from(inverse.bias));
        expectRelative(maxRates, inverse.maxRates, 1e-12, "maximum rate");
        expectClose(intercepts, inverse.intercepts, 1e-12, "intercept");
      });

      it("has rates at currents far from, near and at the threshold", () => {
        expectRelative(type.rates(Float64Array.from(currents)), rates, exactness, "rate");
      });

      it("has tuning curves", () => {
        const J = curves.x.flatMap((x) => curves.gain.map((g, i) => g * x + curves.bias[i]));
        expectClose(type.rates(Float64Array.from(J)), curves.rates.data, 1e-12 * largest(curves.rates.data), "rate");
      });

      for (const { dt, steps: nSteps, initial, spikeCounts, firstSteps, state, lastState, output, varying } of steps) {
        describe(`steps of ${dt} s`, () => {
          let run: NeuronRun;
          before(() => {
            const data = Float64Array.from({ length: nSteps * currents.length }, (_, k) => currents[k % currents.length]);
            run = runNeurons(type, initial, { dt, input: { shape: [nSteps, currents.length], data } });
          });

          if (firstSteps !== undefined) {
            it("fires the same spikes", () => {
              expectSame(run.output.data.subarray(0, firstSteps.data.length), firstSteps.data, "output");
              const height = (neuronType.amplitude ?? 1) / dt;
              const counts = currents.map(() => 0);
              run.output.data.forEach((v, k) => (counts[k % currents.length] += Math.round(v / height)));
              expect(counts).to.deep.equal(spikeCounts);
            });

            it("has the same states", () => {
              expect(Object.keys(run.state)).to.deep.equal(Object.keys(initial));
              for (const [key, values] of Object.entries(state!))
                expectClose(run.state[key].data.subarray(0, values.data.length), values.data, 1e-12, key);
              for (const [key, values] of Object.entries(lastState!))
                expectClose(run.state[key].data.slice(-currents.length), values.data, 1e-12, `last ${key}`);
            });
          } else {
            it("gives the same output at every step", () => {
              expect(Object.keys(run.state)).to.deep.equal([]);
              for (let k = 0; k < nSteps; k++)
                expectRelative(run.output.data.subarray(k * currents.length, (k + 1) * currents.length), output!.data, exactness, "output");
            });
          }

          it("follows a current that changes", () => {
            const { output: got, state: states } = runNeurons(type, varying.initial, {
              dt,
              input: { shape: [nSteps, 1], data: Float64Array.from(varying.current) },
            });
            if (type.spiking) expectSame(got.data, varying.output, "output");
            else expectRelative(got.data, varying.output, exactness, "output");
            for (const [key, values] of Object.entries(varying.state)) expectClose(states[key].data, values, 1e-12, key);
          });
        });
      }
    });
  }
});

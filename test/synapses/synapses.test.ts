import { expect } from "chai";
import { ValidationError } from "../../src/errors.ts";
import { Signal, range } from "../../src/ir/signal.ts";
import type { NdArray } from "../../src/math/ndarray.ts";
import { Network } from "../../src/network/index.ts";
import { asSynapse } from "../../src/synapses/asSynapse.ts";
import * as synapses from "../../src/synapses/index.ts";
import type { Synapse } from "../../src/synapses/synapse.ts";
import { declaredContract, make } from "../support/declared.ts";
import { fixture } from "../support/fixtures.ts";
import { expectClose, expectSame } from "../support/numbers.ts";
import { runOperators, simulate } from "../support/simulate.ts";

const { Lowpass } = synapses;

/** Options of at least one object of every class. */
const examples: Readonly<Record<string, readonly object[]>> = { Lowpass: [{ tau: 0.005 }, { tau: 0 }, { tau: 10 }] };

const wanted = fixture<{
  steps: number;
  size: number;
  input: number[];
  cases: { tau: number; dt: number; filtered: number[]; twice: number[] }[];
}>("nengo/synapses.json");

const input: NdArray = { shape: [wanted.steps, wanted.size], data: Float64Array.from(wanted.input) };

/** What a synapse holds after every step: the inputs so far, this one included, filtered. */
function filtered(synapse: Synapse, x: NdArray, dt: number): Float64Array {
  const size = x.shape[1];
  const output = new Signal("output", { shape: [size], perItem: true });
  const state = (name: string, shape: readonly number[]): Signal => new Signal(name, { shape, perItem: true });
  return runOperators((signal) => synapse.lower({ dt, input: range(signal), output: range(output), role: "update", origin: "test", state }), [output], {
    dt,
    input: x,
  })[0].data;
}

describe("synapses", () => {
  describe("contract", () => {
    declaredContract(synapses, examples);

    for (const [name, all] of Object.entries(examples)) {
      for (const options of all) {
        describe(`${name} ${JSON.stringify(options)}`, () => {
          const synapse = make<Synapse>(synapses, name, options);
          const dt = 0.001;
          const constant = (value: number, steps: number): NdArray => ({ shape: [steps, 1], data: new Float64Array(steps).fill(value) });

          it("passes nothing where nothing comes", () => expectSame(filtered(synapse, constant(0, 20), dt), new Float64Array(20)));

          it("is linear", () => {
            const other = { shape: input.shape, data: input.data.map((v, k) => v * v - k / 100) };
            const sum = { shape: input.shape, data: input.data.map((v, k) => 2 * v - 3 * other.data[k]) };
            const [a, b] = [filtered(synapse, input, dt), filtered(synapse, other, dt)];
            expectClose(
              filtered(synapse, sum, dt),
              a.map((v, k) => 2 * v - 3 * b[k]),
              1e-12,
            );
          });

          it("does the same whenever it is done", () => {
            const later = {
              shape: [input.shape[0] + 2, input.shape[1]],
              data: Float64Array.of(...new Float64Array(2 * input.shape[1]), ...input.data),
            };
            expectSame(filtered(synapse, later, dt).slice(2 * input.shape[1]), filtered(synapse, input, dt));
          });

          it("filters every component by itself", () => {
            const first = { shape: [input.shape[0], 1], data: input.data.filter((_, k) => k % input.shape[1] === 0) };
            expectSame(
              filtered(synapse, first, dt),
              filtered(synapse, input, dt).filter((_, k) => k % input.shape[1] === 0),
            );
          });

          it("delays by one step in a network", () => {
            const net = new Network({ seed: 0 });
            const size = input.shape[1];
            const source = net.node((t) => input.data.subarray((Math.round(t / dt) - 1) * size, Math.round(t / dt) * size), {
              sizeOut: size,
            });
            const target = net.node({ sizeIn: size });
            net.connect(source, target, { synapse });
            const seen = net.probe(target);
            const { data } = simulate(net, { nSteps: wanted.steps, dt });
            expectSame(data(seen).data, [...new Float64Array(size), ...filtered(synapse, input, dt).slice(0, -size)]);
          });
        });
      }
    }
  });

  describe("Lowpass, as Nengo's", () => {
    for (const { tau, dt, filtered: values, twice } of wanted.cases) {
      it(`tau ${tau} s, dt ${dt} s`, () => {
        expectClose(filtered(new Lowpass({ tau }), input, dt), values, 1e-12);
        const net = new Network({ seed: 0 });
        const { size } = wanted;
        const source = net.node((t) => input.data.subarray((Math.round(t / dt) - 1) * size, Math.round(t / dt) * size), { sizeOut: size });
        const target = net.node({ sizeIn: size });
        net.connect(source, target, { synapse: tau });
        const [once, again] = [net.probe(target), net.probe(target, { synapse: tau })];
        const { data } = simulate(net, { nSteps: wanted.steps, dt });
        expectClose(data(once).data, [...new Float64Array(size), ...values.slice(0, -size)], 1e-12);
        expectClose(data(again).data, twice, 1e-12);
      });
    }

    it("is a delay of one step where tau is 0 or far below dt", () => {
      for (const tau of [0, 1e-9, 5e-324]) expectSame(filtered(new Lowpass({ tau }), input, 0.001), input.data);
    });

    it("needs a time constant that is not negative", () => {
      expect(() => new Lowpass({ tau: -0.001 })).to.throw(ValidationError, "Lowpass.tau: expected a finite number >= 0, got -0.001.");
      expect(() => new Lowpass({} as never)).to.throw(ValidationError, "Lowpass.tau: expected a finite number >= 0, got undefined.");
      expect(() => new Lowpass(0.01 as never)).to.throw(
        ValidationError,
        "Lowpass: expected one options object, got 0.01. Write new Lowpass({tau}).",
      );
    });
  });

  describe("asSynapse", () => {
    it("takes a synapse, the time constant of a Lowpass, or null", () => {
      const own = new Lowpass({ tau: 0.1 });
      expect(asSynapse(own, "Probe")).to.equal(own);
      expect(asSynapse(null, "Probe")).to.equal(null);
      expect(asSynapse(0.02, "Probe")!.equals(new Lowpass({ tau: 0.02 }))).to.equal(true);
      expect(asSynapse(0, "Probe")!.equals(new Lowpass({ tau: 0 }))).to.equal(true);
    });

    it("refuses anything else", () => {
      for (const [value, got] of [
        [-1, "-1"],
        [NaN, "NaN"],
        [Infinity, "Infinity"],
        [undefined, "undefined"],
        ["0.1", '"0.1"'],
        [[0.1], "[0.1]"],
        [{}, "an object"],
      ] as const) {
        expect(() => asSynapse(value, 'Connection "c"'), got).to.throw(
          ValidationError,
          `Connection "c".synapse: expected a synapse, a time constant in seconds (>= 0), or null, got ${got}.`,
        );
      }
    });
  });
});

import { expect } from "chai";
import { ShapeError, ValidationError } from "../../src/errors.ts";
import { Signal, range } from "../../src/ir/signal.ts";
import type { NdArray } from "../../src/math/ndarray.ts";
import { Network } from "../../src/network/index.ts";
import { asSynapse } from "../../src/synapses/asSynapse.ts";
import * as synapses from "../../src/synapses/index.ts";
import { WhiteNoise } from "../../src/processes/index.ts";
import { Process, type ProcessStep } from "../../src/processes/process.ts";
import type { StateSpace } from "../../src/math/stateSpace.ts";
import { Simulator } from "../../src/simulator/index.ts";
import { HostSynapse } from "../../src/synapses/hostSynapse.ts";
import type { TransferFunction } from "../../src/synapses/linearFilter.ts";
import { StateSpaceSynapse } from "../../src/synapses/stateSpaceSynapse.ts";
import type { FilterStart, FilterStep, Synapse } from "../../src/synapses/synapse.ts";
import { declaredContract, make } from "../support/declared.ts";
import { fixture } from "../support/fixtures.ts";
import { expectNetworkGradient } from "../support/gradients.ts";
import { expectClose, expectSame } from "../support/numbers.ts";
import { runOperators, simulate } from "../support/simulate.ts";

const { Alpha, LinearFilter, Lowpass, Triangle } = synapses;

/** Options of at least one object of every class. */
const examples: Readonly<Record<string, readonly object[]>> = {
  Alpha: [{ tau: 0.005 }, { tau: 0 }, { tau: 0.1, defaultDt: 0.01, seed: 3 }],
  LinearFilter: [
    { num: [1], den: [0.02, 1], method: "bilinear" },
    { num: [1, 0], den: [0.005, 1] },
    { num: [0.5, 0.1], den: [1, -0.5, 0.06], analog: false },
    { num: [0.01, 1], den: [1e-6, 4e-4, 0.03, 1] },
    { num: [2], den: [1] },
  ],
  Lowpass: [{ tau: 0.005 }, { tau: 0 }, { tau: 10 }, { tau: 0.1, defaultSizeIn: 3, defaultSizeOut: 3 }],
  Triangle: [{ t: 0.003 }, { t: 0 }, { t: 0.02 }],
};

interface FilterCase {
  readonly synapse: { readonly type: string };
  readonly dt: number;
  readonly impulse: readonly number[];
  readonly filtered: readonly number[];
  readonly acrossLanes: readonly number[];
  readonly bothWays: readonly number[];
  readonly from?: readonly number[];
  readonly response?: readonly (readonly [number, number])[];
  readonly twice: readonly number[];
  readonly looped: readonly number[];
}

const wanted = fixture<{
  steps: number;
  size: number;
  input: number[];
  cases: { tau: number; dt: number; filtered: number[]; twice: number[] }[];
  start: number;
  frequencies: number[];
  filters: FilterCase[];
  combined: { first: object; second: object; num: number[]; den: number[] }[];
}>("nengo/synapses.json");

const input: NdArray = { shape: [wanted.steps, wanted.size], data: Float64Array.from(wanted.input) };

/** What a synapse holds after every step: the inputs so far, this one included, filtered. */
function filtered(synapse: Synapse, x: NdArray, dt: number): Float64Array {
  const size = x.shape[1];
  const output = new Signal("output", { shape: [size], perItem: true });
  const state = (name: string, shape: readonly number[]): Signal => new Signal(name, { shape, perItem: true });
  return runOperators(
    (signal) => synapse.lower({ dt, input: range(signal), output: range(output), role: "update", stream: null, origin: "test", state }),
    [output],
    {
      dt,
      input: x,
    },
  )[0].data;
}

/** Gives its input out again. */
class FilteredCopy extends Process {
  static override readonly type: string = "FilteredCopy";
  constructor() {
    super({}, { sizeIn: 1, sizeOut: 1 });
  }
  override makeStep(): ProcessStep {
    return (_t, x) => x;
  }
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

          it("is the same by itself, forwards and from any axis", () => {
            const alone = synapse.filt(input, { dt });
            expectClose(alone.data, filtered(synapse, input, dt), 1e-14);
            const [steps, size] = input.shape as [number, number];
            const turned = {
              shape: [size, steps],
              data: Float64Array.from({ length: size * steps }, (_, k) => input.data[(k % steps) * size + Math.floor(k / steps)]),
            };
            const across = synapse.filt(turned, { dt, axis: -1 });
            expect(across.shape).to.deep.equal([size, steps]);
            for (let i = 0; i < size; i++)
              for (let k = 0; k < steps; k++) expect(across.data[i * steps + k]).to.equal(alone.data[k * size + i]);
          });

          it("has gradients that agree with differences, alone and in a loop", () => {
            for (const loop of [false, true]) {
              const net = new Network({ seed: 0 });
              const source = net.node([0.3, -0.2]);
              const target = net.node({ sizeIn: 2 });
              net.connect(source, target, {
                synapse,
                transform: [
                  [1, 0.5],
                  [-0.3, 1],
                ],
              });
              if (loop)
                net.connect(target, target, {
                  synapse,
                  transform: [
                    [-0.3, 0.1],
                    [0.2, -0.1],
                  ],
                });
              net.probe(target);
              expectNetworkGradient(net, 12);
            }
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

  describe("as Nengo's", () => {
    for (const {
      synapse: description,
      dt,
      impulse,
      filtered: values,
      acrossLanes,
      bothWays,
      from,
      response,
      twice,
      looped,
    } of wanted.filters) {
      describe(`${JSON.stringify(description)}, dt ${dt} s`, () => {
        const synapse = make<Synapse>(synapses, description.type, description);
        const largest = Math.max(1, ...values.map(Math.abs));
        const close = 1e-12 * largest;

        it("filters", () => {
          expectClose(
            synapse.filt([1, ...new Array<number>(11).fill(0)], { dt }).data,
            impulse,
            1e-12 * Math.max(1, ...impulse.map(Math.abs)),
          );
          expectClose(synapse.filt(input, { dt }).data, values, close);
          expectClose(synapse.filt({ shape: [6, 3], data: input.data.slice(0, 18) }, { dt, axis: 1 }).data, acrossLanes, close);
          expectClose(synapse.filtfilt(input, { dt }).data, bothWays, 1e-12 * Math.max(1, ...bothWays.map(Math.abs)));
        });

        it("starts where it has been for long", () => {
          const short = { shape: [8, 3], data: input.data.slice(0, 24) };
          if (from !== undefined)
            expectClose(synapse.filt(short, { dt, y0: wanted.start }).data, from, 1e-11 * Math.max(1, ...from.map(Math.abs)));
        });

        if (response !== undefined) {
          it("has a frequency response", () => {
            wanted.frequencies.slice(-response.length).forEach((f, k) => {
              const { re, im } = (synapse as TransferFunction).evaluate(f);
              expectClose([re, im], response[k], 1e-12 * Math.max(1, Math.abs(re), Math.abs(im)));
            });
          });
        }

        it("filters in a simulation, and in a loop", () => {
          const net = new Network({ seed: 0 });
          const { size } = wanted;
          const source = net.node((t) => input.data.subarray((Math.round(t / dt) - 1) * size, Math.round(t / dt) * size), {
            sizeOut: size,
          });
          const target = net.node({ sizeIn: size });
          net.connect(source, target, { synapse });
          const loop = net.node({ sizeIn: 1 });
          net.connect(source.at(0), loop, { synapse: null });
          net.connect(loop, loop, { synapse, transform: -0.3 });
          const [again, around] = [net.probe(target, { synapse }), net.probe(loop)];
          const { data } = simulate(net, { nSteps: wanted.steps, dt });
          expectClose(data(again).data, twice, 1e-12 * Math.max(1, ...twice.map(Math.abs)));
          expectClose(data(around).data, looped, 1e-12 * Math.max(1, ...looped.map(Math.abs)));
        });
      });
    }

    it("combines", () => {
      for (const { first, second, num, den } of wanted.combined) {
        const both = make<TransferFunction>(synapses, (first as { type: string }).type, first).combine(
          make<TransferFunction>(synapses, (second as { type: string }).type, second),
        );
        expectClose(both.num, num, 1e-15);
        expectClose(both.den, den, 1e-15);
      }
      const digital = new LinearFilter({ num: [1], den: [1, -0.5], analog: false });
      expect(() => digital.combine(new Lowpass({ tau: 0.1 }))).to.throw(
        ValidationError,
        "LinearFilter.combine: expected another digital filter, got a Lowpass.",
      );
    });
  });

  describe("are refused", () => {
    it("where the numbers make no filter", () => {
      expect(() => new LinearFilter({ num: [1, 2, 3], den: [1, 1] })).to.throw(
        ValidationError,
        "LinearFilter.num: expected a degree of at most 1, that of den, got 2.",
      );
      expect(() => new LinearFilter({ num: [1], den: [0, 0] })).to.throw(
        ValidationError,
        "LinearFilter.den: expected a polynomial other than 0",
      );
      expect(() => new LinearFilter({ num: [], den: [1] })).to.throw(ValidationError, "LinearFilter.num");
      expect(() => new LinearFilter({ num: [1], den: [1, 2], method: "gbt" as never })).to.throw(
        ValidationError,
        'LinearFilter.method: expected one of "zoh", "bilinear", "euler", "backward_diff", got "gbt".',
      );
      expect(() => new Alpha({ tau: -1 })).to.throw(ValidationError, "Alpha.tau: expected a finite number >= 0, got -1.");
      expect(() => new Triangle({ t: -1 })).to.throw(ValidationError, "Triangle.t");
      expect(() => new Lowpass({ tau: 0.1, defaultSizeIn: 2, defaultSizeOut: 3 })).to.throw(
        ValidationError,
        "Lowpass.defaultSizeOut: expected null or 2",
      );
    });

    it("where they cannot have been at a value for long", () => {
      expect(() => new LinearFilter({ num: [1, 0], den: [0.1, 1] }).filt([1, 2], { y0: 1 })).to.throw(
        ValidationError,
        "LinearFilter.y0: expected 0 for a filter that lets nothing constant through",
      );
      expect(() => new Lowpass({ tau: 0.1 }).filt([[1, 2]], { y0: [1, 2, 3] })).to.throw(
        ShapeError,
        "Lowpass.y0: expected one number or 2, got 3.",
      );
      expect(() => new Lowpass({ tau: 0.1 }).filt([1, 2], { axis: 1 })).to.throw(ValidationError, "Lowpass.axis");
    });
  });

  it("of a seed of their own take no draw of the simulator's", () => {
    const noisy = (seed: number | null): Float64Array => {
      const net = new Network({ seed: 0 });
      const [a, b] = [net.node({ sizeIn: 1 }), net.node(new WhiteNoise())];
      net.connect(b, a, { synapse: new Lowpass({ tau: 0.01, seed }) });
      // A process with input waits for its synapse.
      const c = net.node(new FilteredCopy(), { sizeIn: 1 });
      net.connect(a, c, { synapse: new Lowpass({ tau: 0.01, seed }) });
      const { built } = simulate(net, { nSteps: 1 });
      return Float64Array.from(built.program("inference").streams, ({ seed: own }) => (own.kind === "fixed" ? 1 : 0));
    };
    expect(Array.from(noisy(7)).reduce((x, y) => x + y)).to.equal(2);
    expect(Array.from(noisy(null)).reduce((x, y) => x + y)).to.equal(0);
  });

  describe("of a user", () => {
    /** The mean of the last two inputs. */
    class Mean extends HostSynapse {
      static override readonly type: string = "Mean";
      static override readonly parameters: readonly string[] = [];
      constructor() {
        super({});
      }
      override makeStep({ size }: FilterStart): FilterStep {
        let last = new Float64Array(size);
        return (x) => {
          const y = x.map((v, k) => (v + last[k]) / 2);
          last = x.slice();
          return y;
        };
      }
    }
    /** The same as a system. */
    class MeanSystem extends StateSpaceSynapse {
      static override readonly type: string = "MeanSystem";
      static override readonly parameters: readonly string[] = [];
      constructor() {
        super({});
      }
      override discretize(): StateSpace {
        return { order: 1, A: Float64Array.of(0), B: Float64Array.of(1), C: Float64Array.of(0.5), D: 0.5 };
      }
    }

    it("run as a step function or as a system", async () => {
      const net = new Network({ seed: 0 });
      const source = net.node((t) => [Math.round(t * 1000), 1], { sizeOut: 2 });
      const target = net.node({ sizeIn: 2 });
      const other = net.node({ sizeIn: 2 });
      net.connect(source, target, { synapse: new Mean() });
      net.connect(source, other, { synapse: new MeanSystem() });
      const [p, q] = [net.probe(target), net.probe(other)];
      const sim = new Simulator(net, { minibatchSize: 2, progressBar: false });
      await sim.runSteps(4);
      const wantedRows = [0, 0, 0.5, 0.5, 1.5, 1, 2.5, 1];
      for (const item of [0, 1]) {
        expect(Array.from(sim.data.get(p).item(item).data)).to.deep.equal(wantedRows);
        expect(Array.from(sim.data.get(q).item(item).data)).to.deep.equal(wantedRows);
      }
      sim.reset();
      await sim.runSteps(4);
      expect(Array.from(sim.data.get(p).item(1).data)).to.deep.equal(wantedRows);
    });
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
        "Lowpass: expected one options object, got 0.01. Write new Lowpass({tau, defaultSizeIn, defaultSizeOut, defaultDt, seed}).",
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

import { expect } from "chai";
import { buildNetwork, type BuildOptions } from "../../src/build/build.ts";
import { targetsAt, type Decoded } from "../../src/build/decoders.ts";
import { Model } from "../../src/build/model.ts";
import { BuildError, ShapeError, SimulationError, ValidationError } from "../../src/errors.ts";
import type { Operator } from "../../src/ir/operators.ts";
import { Signal, range } from "../../src/ir/signal.ts";
import { ndarray, type NdArray } from "../../src/math/ndarray.ts";
import { Samples, Uniform } from "../../src/distributions/index.ts";
import { Network, fullRange } from "../../src/network/index.ts";
import { Direct, LIF, RectifiedLinear } from "../../src/neurons/index.ts";
import { schedule } from "../../src/plan/schedule.ts";
import { WhiteSignal } from "../../src/processes/index.ts";
import { LstsqL2 } from "../../src/solvers/index.ts";
import { Solver, type Solution } from "../../src/solvers/solver.ts";
import { Transform } from "../../src/transforms/transform.ts";
import { simulate } from "../support/simulate.ts";

const build = (net: Network, options?: BuildOptions) => () => buildNetwork(net, options);

/** A network with an ensemble "a" of 5 neurons, and what a test adds. */
function withEnsemble(
  options: Parameters<Network["ensemble"]>[2],
  add: (net: Network, a: ReturnType<Network["ensemble"]>) => void = () => undefined,
  dimensions = 1,
): () => unknown {
  const net = new Network({ seed: 0 });
  add(net, net.ensemble(5, dimensions, { label: "a", ...options }));
  return build(net);
}

describe("build errors", () => {
  describe("of the call", () => {
    it("are no network, no dt, no seed", () => {
      expect(build({} as never)).to.throw(ValidationError, "build.network: expected a Network, got an object.");
      expect(build(new Network({ seed: 0 }), { dt: 0 })).to.throw(ValidationError, "build.dt: expected a finite number > 0, got 0.");
      expect(build(new Network())).to.throw(BuildError, "Network: expected a seed, of the network or given, got none.");
    });

    it("are objects of another network", () => {
      const net = new Network({ seed: 0 });
      const outer = net.ensemble(5, 1, { label: "outer" });
      const sub = net.network({ seed: 1 });
      sub.connect(outer, sub.ensemble(5, 1, { label: "inner" }));
      expect(build(sub)).to.throw(
        BuildError,
        'Connection from Ensemble "outer" to Ensemble "inner": expected a signal "out", got none. The object was not built with this network, or has no such signal.',
      );
      expect(build(net)).not.to.throw();
      expect(() => new Model(net, 0.001, new Map()).seed(outer)).to.throw(
        BuildError,
        "Network: expected an object of the network that is built, got one without a seed. Make it with methods of this network.",
      );
    });
  });

  describe("of values that do not know where they stand", () => {
    it("are told with the object", () => {
      expect(withEnsemble({ maxRates: [100, 200, 300, 400, 500] })).to.throw(
        ValidationError,
        'Ensemble "a": LIF.maxRates: expected rates below 1 / tauRef = 500 Hz, got 500.',
      );
      expect(withEnsemble({ intercepts: new Samples({ samples: [1, 2] }) })).to.throw(
        ShapeError,
        'Ensemble "a": Samples.samples: expected shape [5]',
      );
      const net = new Network({ seed: 0 });
      net.node(new WhiteSignal({ period: 1, high: 600 }), { label: "noise" });
      expect(() => simulate(net, { nSteps: 1 })).to.throw(
        ValidationError,
        'Node "noise": WhiteSignal.high: expected at most half the sampling',
      );
    });
  });

  describe("of ensembles", () => {
    it("are encoders without a direction", () => {
      const zero = [[1], [-1], [0], [1], [1]];
      expect(withEnsemble({ encoders: zero })).to.throw(
        BuildError,
        'Ensemble "a".encoders: expected encoders of non-zero length, got one of length 0. Give every neuron a direction.',
      );
      expect(withEnsemble({ encoders: zero, normalizeEncoders: false })).not.to.throw();
    });

    it("are gain without bias, and bias without gain", () => {
      expect(withEnsemble({ gain: 1 })).to.throw(
        BuildError,
        'Ensemble "a": expected gain and bias together, got only gain. Give both, or neither (and maxRates and intercepts).',
      );
      expect(withEnsemble({ bias: new Uniform({ low: 0, high: 1 }) })).to.throw(
        BuildError,
        'Ensemble "a": expected gain and bias together, got only bias.',
      );
      expect(withEnsemble({ gain: 1, bias: 1 })).not.to.throw();
    });

    it("are gains that are not positive", () => {
      expect(withEnsemble({ intercepts: [0, 0, 1, 0, 0], maxRates: 100 })).to.throw(
        BuildError,
        'Ensemble "a": expected positive gains, got -Infinity for neuron 2 (maxRates 100, intercept 1). Intercepts must be below 1, and the rates reachable.',
      );
      expect(withEnsemble({ intercepts: [0, 1.5, 0, 0, 0], maxRates: 100 })).to.throw(
        BuildError,
        /expected positive gains, got -\d.* for neuron 1 \(maxRates 100, intercept 1\.5\)/,
      );
      expect(withEnsemble({ maxRates: [1, 1, 1, 1, -1], intercepts: 0, neuronType: new RectifiedLinear() })).to.throw(
        BuildError,
        "got -1 for neuron 4 (maxRates -1, intercept 0)",
      );
    });

    it("are rates that the neurons cannot reach", () => {
      expect(withEnsemble({ maxRates: [100, 100, 100, 100, 500] })).to.throw(
        ValidationError,
        "LIF.maxRates: expected rates below 1 / tauRef = 500 Hz, got 500. Lower the ensemble's maxRates or tauRef.",
      );
      expect(withEnsemble({ maxRates: 500, neuronType: new LIF({ tauRef: 0.001 }) })).not.to.throw();
      expect(withEnsemble({ maxRates: 500, neuronType: new Direct() })).not.to.throw();
    });

    it("are arrays of another length", () => {
      expect(withEnsemble({ neuronType: new LIF({ initialState: { voltage: [0.1, 0.2] } }) })).to.throw(
        ShapeError,
        'Ensemble "a".neuronType.initialState.voltage: expected 5 numbers, one a neuron, got 2.',
      );
      expect(withEnsemble({ neuronType: new LIF({ initialState: { voltage: 0.1 } }) })).not.to.throw();
      expect(withEnsemble({ intercepts: new Samples({ samples: [0, 0.1] }) })).to.throw(ValidationError);
    });
  });

  describe("of connections", () => {
    it("are points where pre computes exactly", () => {
      const points = [[0.5], [1], [2]];
      const add = (net: Network, a: ReturnType<Network["ensemble"]>): void =>
        void net.connect(a, a, { function: points, evalPoints: [[0], [0.5], [1]], label: "c" });
      expect(withEnsemble({ neuronType: new Direct() }, add)).to.throw(
        BuildError,
        'Connection "c".function: expected a function where pre computes exactly (a Node or Direct mode), got points. Give a function.',
      );
      expect(withEnsemble({}, add)).not.to.throw();
    });

    it("are transforms that are no matrix where values are decoded", () => {
      class Shift extends Transform {
        static override readonly type: string = "Shift";
        override readonly sizeIn = 1;
        override readonly sizeOut = 1;
        constructor() {
          super({});
        }
        override sample(): NdArray {
          return { shape: [1], data: Float64Array.of(1) };
        }
        override lower(): Operator[] {
          return [];
        }
      }
      expect(withEnsemble({}, (net, a) => net.connect(a, a, { transform: new Shift(), label: "c" }))).to.throw(
        BuildError,
        'Connection "c".transform: expected a dense transform on a decoded connection, got Shift. Connect from the ensemble\'s neurons instead.',
      );
      expect(withEnsemble({}, (net, a) => net.connect(net.node([1]), a, { transform: new Shift() }))).not.to.throw();
    });

    it("are functions that are not finite everywhere, and say where", () => {
      const c = 'Connection "c".function: expected';
      const connect = (fn: (x: Float64Array) => number | number[], evalPoints = [[1], [0.5], [-0.5]]): (() => unknown) =>
        withEnsemble({}, (net, a) => net.connect(a, a, { function: fn, evalPoints, label: "c", transform: [[1]] }));
      expect(connect((x) => Math.log(x[0]))).to.throw(
        BuildError,
        `${c} 1 finite number at every evaluation point, got [NaN] at [-0.5]. Make the function total on the ensemble's range.`,
      );
      expect(connect((x) => 1 / (x[0] - 0.5))).to.throw(
        BuildError,
        `${c} 1 finite number at every evaluation point, got [Infinity] at [0.5].`,
      );
      expect(connect((x) => (x[0] > 0 ? 1 : (undefined as never)))).to.throw(BuildError, "got undefined at [-0.5]");
      expect(connect((x) => (x[0] > 0 ? 1 : (null as never)))).to.throw(BuildError, "got null at [-0.5]");
      expect(connect((x) => (x[0] > 0 ? [1] : [1, 2]))).to.throw(BuildError, "got [1, 2] at [-0.5]");
      expect(
        withEnsemble({ radius: 4 }, (net, a) => net.connect(a, a, { function: (x) => Math.sqrt(1 - x[0]), evalPoints: [[0.1], [0.5]] })),
      ).to.throw(BuildError, "got [NaN] at [2]");
    });

    it("are function values for another number of evaluation points", () => {
      const connection = {
        name: "Connection",
        preIndices: fullRange(1),
        sizeMid: 1,
        function: { points: ndarray([[1], [2]], { owner: "test" }) },
      } as unknown as Decoded;
      expect(() => targetsAt(connection, ndarray([[1], [2], [3]], { owner: "test" }))).to.throw(
        BuildError,
        "Connection.function: expected one row for each of 3 evaluation points, got 2. Give evalPoints with as many rows.",
      );
    });

    it("are neurons that are silent at every evaluation point", () => {
      const silent = { intercepts: 0.9, encoders: [[1], [1], [1], [1], [1]] };
      const add =
        (evalPoints: number[][] | null) =>
        (net: Network, a: ReturnType<Network["ensemble"]>): void =>
          void net.connect(a, a, { evalPoints, label: "c" });
      expect(withEnsemble(silent, add([[0.5], [-1]]))).to.throw(
        BuildError,
        'Connection "c": expected neurons that fire at some evaluation point, got none in Ensemble "a". Look at its intercepts, maxRates and evalPoints.',
      );
      expect(withEnsemble(silent, (net, a) => net.probe(a, { label: "p" }))).not.to.throw();
      expect(withEnsemble({ ...silent, evalPoints: [[0]] }, (net, a) => net.probe(a, { label: "p" }))).to.throw(
        BuildError,
        'Probe "p": expected neurons that fire',
      );
    });

    it("are solvers that give something else than was asked for", () => {
      class Short extends Solver {
        static override readonly type: string = "Short";
        override readonly weights = false;
        constructor() {
          super({});
        }
        override solve(): Solution {
          return { weights: new Float64Array(3), info: {} };
        }
      }
      expect(withEnsemble({}, (net, a) => net.connect(a, a, { solver: new Short(), label: "c" }))).to.throw(
        BuildError,
        'Connection "c".solver: expected weights of shape [5, 1], got 3 numbers.',
      );
    });

    it("are systems without a unique solution", () => {
      const oneSilent = {
        encoders: [[1], [1], [1], [1], [1]],
        intercepts: [-1, -0.9, -0.8, -0.7, 0.9],
        evalPoints: [-4, -3, -2, -1, 0, 1, 2, 3].map((k) => [k / 8]),
      };
      expect(withEnsemble(oneSilent, (net, a) => net.connect(a, a, { solver: new LstsqL2({ reg: 0 }) }))).to.throw(
        BuildError,
        "Raise the solver's regularisation.",
      );
    });
  });

  describe("of probes", () => {
    it("are weights that do not exist", () => {
      expect(withEnsemble({}, (net, a) => net.probe(net.connect(net.node([1]), a), { attribute: "weights", label: "p" }))).to.throw(
        BuildError,
        'Probe "p".weights: expected a signal "weights", got none.',
      );
    });
  });

  describe("of loops", () => {
    const loop = (synapse: number | null): Network => {
      const net = new Network({ seed: 0 });
      const [a, b] = [net.node({ sizeIn: 1, label: "a" }), net.node({ sizeIn: 1, label: "b" })];
      net.connect(a, b, { synapse: null, label: "there" });
      net.connect(b, a, { synapse, transform: 0.5, label: "back" });
      return net;
    };

    it("are loops without a synapse", () => {
      expect(build(loop(null))).to.throw(
        BuildError,
        /^Network: expected every loop of connections to hold a synapse, got a loop without one through .*Node "a".* Give one of its connections a synapse \(0 is a delay of one step\)\.$/,
      );
      expect(build(loop(0))).not.to.throw();
    });

    it("are Nodes that pass on to themselves, or to a part of what they pass on", () => {
      const itself = (size: number, from: readonly [number, number], to: readonly [number, number]): (() => unknown) => {
        const net = new Network({ seed: 0 });
        const node = net.node({ sizeIn: size });
        net.connect(node.slice(...from), node.slice(...to), { synapse: null });
        return build(net);
      };
      expect(itself(1, [0, 1], [0, 1])).to.throw(BuildError, "expected every loop of connections to hold a synapse");
      expect(itself(3, [0, 2], [1, 3])).to.throw(BuildError, "expected every loop of connections to hold a synapse");
      expect(itself(3, [0, 1], [1, 2])).not.to.throw();
    });

    it("are ensembles that feed themselves at once", () => {
      expect(withEnsemble({}, (net, a) => net.connect(a, a, { synapse: null }))).to.throw(
        BuildError,
        "expected every loop of connections to hold a synapse",
      );
      expect(withEnsemble({}, (net, a) => net.connect(a.neurons, a.neurons, { synapse: null, transform: 0.1 }))).to.throw(
        BuildError,
        "expected every loop of connections to hold a synapse",
      );
    });

    it("are programs whose operators wait for one another", () => {
      const [a, b] = [new Signal("a", { shape: [1], perItem: true }), new Signal("b", { shape: [1], perItem: true })];
      const copy = (origin: string, from: Signal, to: Signal): Operator => ({
        kind: "copy",
        origin,
        source: { ...range(from), index: null },
        target: { ...range(to), index: null },
        role: "set",
      });
      expect(() => schedule([copy("one", a, b), copy("other", b, a)])).to.throw(
        BuildError,
        "Program: expected operators without a cycle, got one through one, other. Give one of the connections a synapse.",
      );
    });
  });

  describe("while running", () => {
    const run =
      (output: (t: number, x: Float64Array) => unknown, options: { sizeIn?: number; sizeOut: number }): (() => unknown) =>
      () => {
        const net = new Network({ seed: 0 });
        net.node(output as () => number, { label: "n", ...options });
        simulate(net, { nSteps: 5 });
      };

    it("are Nodes whose function gives no number, too few numbers, or numbers that are not finite", () => {
      expect(run((t) => (t > 0.0025 ? undefined : [1, 2]), { sizeOut: 2 })).to.throw(
        SimulationError,
        'Node "n" at step 3 (t = 0.003 s): Node "n": expected a function that returns 2 numbers, got undefined. Return a number or an array of that length at every step.',
      );
      expect(run(() => [1], { sizeOut: 2 })).to.throw(SimulationError, 'Node "n": expected a function that returns 2 numbers, got 1.');
      expect(run(() => "1", { sizeOut: 1 })).to.throw(SimulationError, 'expected a function that returns 1 number, got "1".');
      expect(run((t) => [0, 1 / (t - 0.002)], { sizeOut: 2 })).to.throw(
        SimulationError,
        'Node "n" at step 2 (t = 0.002 s): Node "n": expected finite numbers, got Infinity at position 1. Look for a division by zero or a missing return value.',
      );
      expect(run((_t, x) => x[0] + 1, { sizeIn: 1, sizeOut: 3 })).not.to.throw();
    });

    it("are exceptions of a user's function, with the step and the cause", () => {
      const cause = new RangeError("out of paper");
      try {
        run(
          (t) => {
            if (t > 0.0035) throw cause;
            return 1;
          },
          { sizeOut: 1 },
        )();
        expect.fail("nothing was thrown");
      } catch (error) {
        expect(error).to.be.instanceOf(SimulationError);
        expect((error as Error).message).to.equal('Node "n" at step 4 (t = 0.004 s): a user\'s function threw RangeError: out of paper');
        expect((error as Error).cause).to.equal(cause);
      }
    });

    it("are functions of connections that are computed at every step", () => {
      const net = new Network({ seed: 0 });
      net.connect(
        net.node((t) => 1 - t),
        net.node({ sizeIn: 1 }),
        { function: (x) => (x[0] < 0.998 ? NaN : 1), label: "c" },
      );
      expect(() => simulate(net, { nSteps: 5 })).to.throw(
        SimulationError,
        'Connection "c".function at step 3 (t = 0.003 s): Connection "c".function: expected finite numbers, got NaN at position 0.',
      );
    });
  });
});

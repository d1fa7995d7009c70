import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import * as nengo from "../../src/index.ts";
import * as learning from "../../src/learning/index.ts";
import * as synapses from "../../src/synapses/index.ts";
import { declaredContract } from "../support/declared.ts";
import { simulate } from "../support/simulate.ts";

const { BuildError, ValidationError, PES, BCM, Oja, Voja, RLS, LstsqL2 } = nengo;

/** a learns to say b's value; the error comes from outside. */
function learner(options: nengo.ConnectionOptions = {}, seed = 1) {
  const net = new nengo.Network({ seed });
  const input = net.node((t) => Math.sin(20 * t), { label: "in" });
  const [a, b] = [net.ensemble(12, 1, { label: "a" }), net.ensemble(10, 1, { label: "b" })];
  net.connect(input, a);
  const c = net.connect(a, b, { label: "c", learningRuleType: new PES({ learningRate: 1e-2 }), ...options });
  return { net, input, a, b, c };
}

/** With an error to the only rule. */
function taught(options: nengo.ConnectionOptions = {}) {
  const parts = learner(options);
  const error = parts.net.node(0, { label: "error" });
  parts.net.connect(error, parts.c.learningRule as nengo.LearningRule, { synapse: null });
  return { ...parts, error };
}

describe("learning rules", () => {
  describe("contract", () => {
    declaredContract(
      learning,
      {
        BCM: [{}, { learningRate: 1e-6, preSynapse: { type: "Lowpass", tau: 0.01 }, postSynapse: null, thetaSynapse: null }],
        Oja: [{}, { learningRate: 0, preSynapse: null, postSynapse: { type: "Lowpass", tau: 0.1 }, beta: 0 }],
        PES: [{}, { learningRate: 1, preSynapse: null }],
        RLS: [{}, { learningRate: 0.5, preSynapse: { type: "Lowpass", tau: 0 } }],
        Voja: [{}, { learningRate: 0.1, postSynapse: null }],
      },
      synapses,
    );

    it("has Nengo's defaults", () => {
      const tau = (synapse: unknown): unknown => (synapse as nengo.Lowpass | null)?.tau ?? null;
      expect([new PES().learningRate, tau(new PES().preSynapse)]).to.deep.equal([1e-4, 0.005]);
      expect([new RLS().learningRate, tau(new RLS().preSynapse)]).to.deep.equal([1e-3, 0.005]);
      expect([new Voja().learningRate, tau(new Voja().postSynapse)]).to.deep.equal([1e-2, 0.005]);
      expect([new Oja().learningRate, new Oja().beta]).to.deep.equal([1e-6, 1]);
      expect([new BCM().learningRate, tau(new BCM().thetaSynapse)]).to.deep.equal([1e-9, 1]);
      for (const Class of [BCM, Oja]) {
        expect(tau(new Class({ preSynapse: 0.02 }).postSynapse)).to.equal(0.02);
        expect(new Class({ preSynapse: null }).postSynapse).to.equal(null);
      }
    });

    it("refuses what Nengo does", () => {
      expect(() => new PES({ learningRate: -1 })).to.throw(ValidationError, "PES.learningRate: expected a finite number >= 0, got -1.");
      expect(() => new Oja({ beta: -1 })).to.throw(ValidationError, "Oja.beta: expected a finite number >= 0, got -1.");
      expect(() => new BCM({ thetaSynapse: "slow" as never })).to.throw(ValidationError, "BCM.thetaSynapse");
    });
  });

  describe("of a connection", () => {
    it("have the structure in which they were given", () => {
      const one = learner().c;
      const rule = one.learningRule as nengo.LearningRule;
      expect(rule).to.be.instanceOf(nengo.LearningRule);
      expect(rule.connection).to.equal(one);
      expect(String(rule)).to.equal('PES of Connection "c"');
      expect([rule.sizeIn, rule.sizeOut]).to.deep.equal([1, 0]);
      const list = learner({ learningRuleType: [new PES(), new Voja()] }).c;
      const [pes, voja] = list.learningRule as readonly nengo.LearningRule[];
      expect([String(pes), String(voja)]).to.deep.equal(['PES[0] of Connection "c"', 'Voja[1] of Connection "c"']);
      const named = learner({ learningRuleType: { fast: new PES() } }).c;
      expect(String((named.learningRule as Record<string, nengo.LearningRule>)["fast"])).to.equal('PES["fast"] of Connection "c"');
      expect(learner({ learningRuleType: null }).c.learningRule).to.equal(null);
      expect(learner({ learningRuleType: [] }).c.learningRule).to.deep.equal([]);
    });

    it("take errors as large as what they correct", () => {
      const { net, a, b } = learner({ learningRuleType: null });
      const two = net.ensemble(10, 2);
      const size = (pre: nengo.Connectable, post: nengo.Connectable, options: nengo.ConnectionOptions): number =>
        (net.connect(pre, post, options).learningRule as nengo.LearningRule).sizeIn;
      expect(size(a, two, { transform: [[1], [1]], learningRuleType: new PES() })).to.equal(2);
      expect(size(two.at(0), b, { learningRuleType: new PES() })).to.equal(1);
      expect(
        size(a.neurons, two.neurons.slice(0, 3), { transform: new nengo.Uniform({ low: 0, high: 1 }), learningRuleType: new PES() }),
      ).to.equal(2);
      expect(size(a, b, { learningRuleType: new Voja() })).to.equal(1);
      expect(size(a, b, { solver: new LstsqL2({ weights: true }), learningRuleType: new BCM() })).to.equal(0);
    });

    const cases: [string, (net: nengo.Network, a: nengo.Ensemble, b: nengo.Ensemble) => unknown, string][] = [
      [
        "another value",
        (net, a, b) => net.connect(a, b, { learningRuleType: "PES" as never }),
        'a learning rule such as new PES(), a list or an object of them, or null, got "PES"',
      ],
      ["a list with another value", (net, a, b) => net.connect(a, b, { learningRuleType: [new PES(), 1 as never] }), "got 1"],
      [
        "a Node before",
        (net, _, b) => net.connect(net.node(1), b, { learningRuleType: new PES() }),
        "a connection from an ensemble or neurons for PES, got one from Node",
      ],
      [
        "Direct mode before",
        (net, _, b) => net.connect(net.ensemble(1, 1, { neuronType: new nengo.Direct() }), b, { learningRuleType: new RLS() }),
        "got one from an ensemble in Direct mode",
      ],
      [
        "no weights",
        (net, a, b) => net.connect(a.neurons.slice(0, 10), b.neurons, { learningRuleType: new PES() }),
        "a connection with weights for PES, got transform null. Give a matrix as transform.",
      ],
      [
        "a number for weights",
        (net, a, b) => net.connect(a.neurons.slice(0, 10), b.neurons, { transform: 1, learningRuleType: new PES() }),
        "a matrix as transform for PES, got a number.",
      ],
      [
        "decoders for a rule of weights",
        (net, a, b) => net.connect(a, b, { learningRuleType: new BCM() }),
        'a connection to neurons for BCM, got one to Ensemble "b". Connect neurons with neurons, or give a solver with {weights: true}.',
      ],
      [
        "decoders to neurons for a rule of weights",
        (net, a, b) => net.connect(a, b.neurons, { transform: new nengo.Uniform({ low: 0, high: 1 }), learningRuleType: new Oja() }),
        "weights between neurons for Oja, got decoders and a transform.",
      ],
      [
        "encoders of neurons",
        (net, a, b) =>
          net.connect(a.neurons, b.neurons, { transform: new nengo.Uniform({ low: 0, high: 1 }), learningRuleType: new Voja() }),
        "a connection to an ensemble for Voja",
      ],
      [
        "encoders that are bypassed",
        (net, a, b) => net.connect(a, b, { solver: new LstsqL2({ weights: true }), learningRuleType: new Voja() }),
        "a connection through encoders for Voja, got full weights",
      ],
      [
        "encoders of Direct mode",
        (net, a) => net.connect(a, net.ensemble(1, 1, { neuronType: new nengo.Direct() }), { learningRuleType: new Voja() }),
        "a post ensemble with encoders for Voja, got one in Direct mode",
      ],
    ];
    for (const [title, make, message] of cases) {
      it(`refuse ${title}`, () => {
        const { net, a, b } = learner({ learningRuleType: null });
        expect(() => make(net, a, b))
          .to.throw(ValidationError, `.learningRuleType: expected`)
          .with.property("message")
          .that.includes(message);
      });
    }

    it("are checked again when the connection changes", () => {
      const { c } = learner({ solver: new LstsqL2({ weights: true }), learningRuleType: new BCM() });
      expect(() => (c.solver = new LstsqL2())).to.throw(ValidationError, "a connection to neurons for BCM");
      expect(c.solver.weights).to.equal(true);
    });

    it("cannot be connected from, nor to without an error", () => {
      const { net, a, c } = learner({ solver: new LstsqL2({ weights: true }), learningRuleType: new BCM() });
      const rule = c.learningRule as nengo.LearningRule;
      expect(() => net.connect(rule, a)).to.throw(
        ValidationError,
        "Connection.pre: expected an Ensemble, its neurons, a Node, or a view of one",
      );
      expect(() => net.connect(a, rule)).to.throw(ValidationError, 'got BCM of Connection "c", whose sizeIn is 0. BCM takes no error.');
      expect(() => net.probe(rule, { attribute: "error" })).to.throw(
        ValidationError,
        "expected one of theta, preFiltered, postFiltered, delta",
      );
      expect(net.probe(rule).attribute).to.equal("theta");
    });

    it("belong to their network", () => {
      const { c } = learner();
      const other = new nengo.Network();
      expect(() => other.connect(other.node(1), c.learningRule as nengo.LearningRule)).to.throw(ValidationError, "of another network");
      expect(() => other.probe(c.learningRule as nengo.LearningRule)).to.throw(ValidationError, "of another network");
    });

    it("of PES cannot go through a list of post's neurons", () => {
      const { net, a, b } = learner({ learningRuleType: null });
      net.connect(a.neurons, b.neurons.pick([1, 3]), {
        transform: new nengo.Uniform({ low: 0, high: 1 }),
        learningRuleType: new PES(),
        label: "d",
      });
      expect(() => simulate(net, { nSteps: 1 })).to.throw(BuildError, 'PES of Connection "d": expected a slice of Ensemble "b".neurons');
    });
  });

  describe("in a simulation", () => {
    it("give the same numbers to the bit whether the change is probed or not", () => {
      for (const learningRuleType of [new PES({ learningRate: 1e-2 }), new RLS({ learningRate: 1e-1 })]) {
        const weights = [false, true].map((seen) => {
          const { net, b, c } = learner({ learningRuleType });
          net.connect(b, c.learningRule as nengo.LearningRule);
          if (seen) net.probe(c.learningRule as nengo.LearningRule, { attribute: "delta" });
          const probe = net.probe(c, { attribute: "weights" });
          return simulate(net, { nSteps: 60 }).data(probe).data;
        });
        expect(weights[0]).to.deep.equal(weights[1]);
        expect(weights[0].slice(-12)).not.to.deep.equal(weights[0].slice(0, 12));
      }
    });

    it("let every item learn by itself", async () => {
      const { net, error, c } = taught();
      const probe = net.probe(c, { attribute: "weights" });
      const errors = [1, -1, 0.5].map((e) => new Array<number[]>(20).fill([e]));
      const sim = new nengo.Simulator(net, { minibatchSize: 3, progressBar: false });
      await sim.runSteps(20, { data: [[error, errors]] });
      const all = sim.data.get(probe);
      expect(all.shape).to.deep.equal([3, 20, 1, 12]);
      for (const [item, data] of errors.entries()) {
        const alone = new nengo.Simulator(net, { progressBar: false });
        await alone.runSteps(20, { data: [[error, [data]]] });
        expect(all.item(item).data).to.deep.equal(alone.data.get(probe).data);
        alone.close();
      }
      sim.close();
    });

    it("start from the built weights after a reset, and leave sim.data's alone", async () => {
      const { net, error, c } = taught();
      const probe = net.probe(c, { attribute: "weights" });
      const sim = new nengo.Simulator(net, { progressBar: false });
      const built = sim.data.get(c).weights!.data.slice();
      const run = async (): Promise<Float64Array | Float32Array> => {
        await sim.runSteps(30, { data: [[error, [new Array<number[]>(30).fill([1])]]] });
        return sim.data.get(probe).data.slice();
      };
      const first = await run();
      expect(first.slice(0, 12)).to.deep.equal(built);
      expect(first.slice(-12)).not.to.deep.equal(built);
      expect(sim.data.get(c).weights!.data).to.deep.equal(built);
      sim.reset();
      expect(await run()).to.deep.equal(first);
      sim.close();
    });

    it("bring an error down", async () => {
      const net = new nengo.Network({ seed: 3 });
      const input = net.node((t) => Math.sin(2 * Math.PI * t));
      const [pre, post, error] = [net.ensemble(50, 1), net.ensemble(50, 1), net.ensemble(50, 1)];
      net.connect(input, pre);
      const c = net.connect(pre, post, { function: () => 0, learningRuleType: new PES({ learningRate: 1e-3 }) });
      net.connect(post, error);
      net.connect(pre, error, { transform: -1 });
      net.connect(error, c.learningRule as nengo.LearningRule);
      const probe = net.probe(error, { synapse: 0.03 });
      const sim = new nengo.Simulator(net, { progressBar: false });
      await sim.run(4);
      const { data } = sim.data.get(probe);
      const rms = (from: number, to: number): number =>
        Math.sqrt(Array.from(data.slice(from, to)).reduce((sum, v) => sum + v * v, 0) / (to - from));
      expect(rms(3000, 4000)).to.be.below(0.35 * rms(100, 1000));
      sim.close();
    });
  });

  describe("in training", () => {
    before(() => nengo.useBackend("cpu"));

    it("do their work from the built weights for every item, and what they change does not train", async () => {
      const { net, input, error, a, b, c } = taught();
      const out = net.probe(b, { synapse: 0.01 });
      const sim = new nengo.Simulator(net, { progressBar: false });
      expect(sim.report.notes.join("\n")).to.include('PES of Connection "c" learns while the network runs');
      sim.compile({ optimizer: tf.train.adam(0.05), loss: [[out, "meanSquaredError"]] });
      const before = sim.data.get(c).weights!.data.slice();
      const encoders = sim.data.get(a).encoders.data.slice();
      const x = Array.from({ length: 4 }, (_, k) => Array.from({ length: 15 }, (_, t) => [Math.sin(k + t)]));
      const inputs: [nengo.Node, number[][][]][] = [
        [input, x],
        [error, x.map((rows) => rows.map(([v]) => [v / 2]))],
      ];
      const first = await sim.evaluate(inputs, [[out, x]], { phase: "training" });
      const again = await sim.evaluate(inputs, [[out, x]], { phase: "training" });
      expect(again["loss"]).to.equal(first["loss"]);
      const history = await sim.fit(inputs, [[out, x]], { epochs: 5 });
      expect((history.history["loss"] as number[]).at(-1)).to.be.below(first["loss"]);
      expect(sim.data.get(c).weights!.data).to.deep.equal(before);
      expect(sim.data.get(a).encoders.data).not.to.deep.equal(encoders);
      sim.close();
    });

    it("may stand between a parameter and the loss: it has no gradient by decision", () => {
      const { net, b, c } = learner();
      const error = net.ensemble(10, 1, { label: "error" });
      net.connect(error, c.learningRule as nengo.LearningRule);
      const out = net.probe(b);
      const sim = new nengo.Simulator(net, { progressBar: false });
      expect(() => sim.compile({ optimizer: "sgd", loss: [[out, "meanSquaredError"]] })).not.to.throw();
      sim.close();
    });

    it("refuse to share what they change with an optimizer", () => {
      const { net, c } = learner();
      nengo.configure(c, { trainable: true });
      expect(() => simulate(net, { nSteps: 1 })).to.throw(
        BuildError,
        'Connection "c": expected not to be configured trainable where a learning rule changes it',
      );
      const other = learner();
      nengo.configure(other.net, { trainable: true });
      expect(() => simulate(other.net, { nSteps: 1 })).not.to.throw();
    });
  });

  it("are written to network files and read from them", () => {
    for (const learningRuleType of [new PES(), [new PES(), new Voja()], { one: new PES({ preSynapse: null }), two: new Voja() }]) {
      const { net, b, c } = learner({ learningRuleType });
      const [rule] =
        learningRuleType instanceof nengo.LearningRuleType
          ? [c.learningRule as nengo.LearningRule]
          : Object.values(c.learningRule as readonly nengo.LearningRule[]);
      net.connect(b, rule.at(0), { label: "e" });
      net.probe(rule, { attribute: "delta" });
      const document = nengo.networkToJSON(net, { functions: { in: net.nodes[0].output as () => number } });
      const again = nengo.networkFromJSON(JSON.parse(JSON.stringify(document)), { functions: { in: net.nodes[0].output as () => number } });
      expect(nengo.networkToJSON(again, { functions: { in: net.nodes[0].output as () => number } })).to.deep.equal(document);
      const run = (network: nengo.Network): Float64Array => simulate(network, { nSteps: 10 }).data(network.probes[0]).data;
      expect(run(again)).to.deep.equal(run(net));
    }
  });
});

import { expect } from "chai";
import { Uniform } from "../../src/distributions/index.ts";
import { ShapeError, ValidationError } from "../../src/errors.ts";
import { Network, fullRange, type ConnectionOptions } from "../../src/network/index.ts";
import { Direct } from "../../src/neurons/index.ts";
import { LstsqL2, NoSolver } from "../../src/solvers/index.ts";
import { Lowpass } from "../../src/synapses/index.ts";
import { Dense } from "../../src/transforms/index.ts";

function some() {
  const net = new Network();
  const a = net.ensemble(10, 2, { label: "a" });
  const b = net.ensemble(8, 2, { label: "b" });
  const one = net.ensemble(5, 1, { label: "one" });
  const input = net.node([1, 2], { label: "in" });
  const relay = net.node({ sizeIn: 2, label: "relay" });
  return { net, a, b, one, input, relay };
}

describe("Connection", () => {
  it("has Nengo's defaults", () => {
    const { net, a, b } = some();
    const c = net.connect(a, b);
    expect([c.pre, c.post, c.preObject, c.postObject]).to.deep.equal([a, b, a, b]);
    expect([c.preIndices, c.postIndices]).to.deep.equal([fullRange(2), fullRange(2)]);
    expect([c.sizeIn, c.sizeMid, c.sizeOut]).to.deep.equal([2, 2, 2]);
    expect(c.synapse?.equals(new Lowpass({ tau: 0.005 }))).to.equal(true);
    expect(c.solver.equals(new LstsqL2())).to.equal(true);
    expect([c.function, c.transform, c.evalPoints, c.scaleEvalPoints, c.label, c.seed, c.toNeurons]).to.deep.equal([
      null,
      null,
      null,
      true,
      null,
      null,
      false,
    ]);
  });

  it("connects views", () => {
    const { net, a, b, input } = some();
    const c = net.connect(a.at(-1), b.pick([0]));
    expect([c.preObject, c.postObject, c.sizeIn, c.sizeOut]).to.deep.equal([a, b, 1, 1]);
    expect([Array.from(c.preIndices.toArray()), Array.from(c.postIndices.toArray())]).to.deep.equal([[1], [0]]);
    const n = net.connect(input.slice(null, null, -1), a.neurons.slice(3, 5));
    expect([n.preObject, n.postObject]).to.deep.equal([input, a.neurons]);
    expect([Array.from(n.preIndices.toArray()), Array.from(n.postIndices.toArray())]).to.deep.equal([
      [1, 0],
      [3, 4],
    ]);
    const node = net.node((_t, x) => [x[0], x[1], 0], { sizeIn: 2 });
    expect(Array.from(net.connect(node.at(-1), node.at(-1)).preIndices.toArray())).to.deep.equal([2]);
    expect(Array.from(net.connect(node.at(-1), node.at(-1)).postIndices.toArray())).to.deep.equal([1]);
  });

  it("connects across networks of one tree", () => {
    const { net, a } = some();
    const [sub, other] = [net.network(), net.network()];
    const inner = sub.ensemble(5, 2);
    for (const home of [net, sub, other]) {
      const c = home.connect(a, inner);
      expect(c.network).to.equal(home);
      expect(home.has(c)).to.equal(true);
    }
  });

  it("takes a number for a Lowpass, and null for no synapse", () => {
    const { net, a, b } = some();
    const c = net.connect(a, b, { synapse: 0.1 });
    expect(c.synapse?.equals(new Lowpass({ tau: 0.1 }))).to.equal(true);
    c.synapse = 0;
    expect(c.synapse?.equals(new Lowpass({ tau: 0 }))).to.equal(true);
    c.synapse = null;
    expect(c.synapse).to.equal(null);
    expect(net.connect(a, b, { synapse: null }).synapse).to.equal(null);
    expect(() => net.connect(a, b, { synapse: -1 })).to.throw(
      ValidationError,
      'Connection from Ensemble "a" to Ensemble "b".synapse: expected a synapse, a time constant in seconds (>= 0), or null, got -1.',
    );
    expect(() => (c.synapse = "x" as never)).to.throw(ValidationError, ".synapse: expected a synapse");
  });

  it("learns the size of a function by one call with zeros", () => {
    const { net, a, b, one } = some();
    const calls: number[][] = [];
    const square = (x: Float64Array) => (calls.push(Array.from(x)), x[0] ** 2);
    const c = net.connect(a, one, { function: square });
    expect([c.sizeIn, c.sizeMid, c.sizeOut]).to.deep.equal([2, 1, 1]);
    expect(c.function).to.equal(square);
    expect(calls).to.deep.equal([[0, 0]]);
    expect(net.connect(a.at(0), b, { function: (x) => [x[0], x.length] }).sizeMid).to.equal(2);
    expect(net.connect(one, b, { function: (x) => Float32Array.of(x[0], 1 / x[0]) }).sizeMid).to.equal(2);
  });

  it("calls a function with the first evaluation point where there is one", () => {
    const { net, a, one } = some();
    const calls: number[][] = [];
    net.connect(a.at(1), one, {
      function: (x) => calls.push(Array.from(x)),
      evalPoints: [
        [0.25, 0.5],
        [1, 1],
      ],
    });
    expect(calls).to.deep.equal([[0.5]]);
  });

  it("takes a function's values at evaluation points", () => {
    const { net, a, b, one } = some();
    const evalPoints = [
      [0, 0],
      [0, 1],
      [1, 0],
    ];
    const c = net.connect(a, one, { evalPoints, function: [[1], [2], [3]], scaleEvalPoints: false });
    expect(c.function).to.deep.equal({ points: { shape: [3, 1], data: Float64Array.of(1, 2, 3) } });
    expect(c.evalPoints).to.deep.equal({ shape: [3, 2], data: Float64Array.of(0, 0, 0, 1, 1, 0) });
    expect([c.sizeMid, c.scaleEvalPoints]).to.deep.equal([1, false]);
    expect(net.connect(a, one, { evalPoints, function: c.function }).function).to.deep.equal(c.function);
    expect(
      net.connect(a.at(0), b, {
        evalPoints,
        function: [
          [1, 2],
          [2, 3],
          [3, 4],
        ],
      }).sizeMid,
    ).to.equal(2);
    const at = ".function: expected";
    expect(() => net.connect(a, one, { function: [[1], [2]] })).to.throw(
      ValidationError,
      `${at} a function, or its values at evalPoints together with an array of evalPoints, got values of shape [2, 1] and no such array. Give evalPoints.`,
    );
    expect(() => net.connect(a, one, { evalPoints: new Uniform({ low: 0, high: 1 }), function: [[1], [2]] })).to.throw(
      ValidationError,
      "no such array",
    );
    expect(() => net.connect(a, one, { evalPoints, function: [[1], [2]] })).to.throw(
      ShapeError,
      `${at} 3 rows, one for each evaluation point, got 2.`,
    );
    expect(() => net.connect(a, one, { evalPoints, function: [1, 2, 3] as never })).to.throw(
      ShapeError,
      `${at} values of shape [n, sizeMid], a row for each evaluation point, got shape [3].`,
    );
  });

  it("takes transforms of all kinds", () => {
    const { net, a, b, one } = some();
    expect(net.connect(a, b, { transform: 2 }).transform?.equals(new Dense({ shape: [2, 2], init: 2 }))).to.equal(true);
    expect(net.connect(a, b, { transform: [1, 2] }).transform?.equals(new Dense({ shape: [2, 2], init: [1, 2] }))).to.equal(true);
    expect(net.connect(a, one, { transform: [[1, 2]] }).transform?.equals(new Dense({ shape: [1, 2], init: [[1, 2]] }))).to.equal(true);
    const uniform = new Uniform({ low: 0, high: 1 });
    expect(net.connect(a, one, { transform: uniform }).transform?.equals(new Dense({ shape: [1, 2], init: uniform }))).to.equal(true);
    const dense = new Dense({ shape: [1, 2], init: [[3, 4]] });
    expect(net.connect(a, one, { transform: dense }).transform).to.equal(dense);
  });

  it("knows whether it goes to neurons", () => {
    const { net, a, b, input } = some();
    const solver = new LstsqL2({ weights: true });
    expect(net.connect(input, a.neurons.slice(0, 2)).toNeurons).to.equal(true);
    expect(net.connect(a, b, { solver }).toNeurons).to.equal(true);
    expect(net.connect(a, b.at(0), { solver, function: (x) => x[0] }).toNeurons).to.equal(true);
    expect(net.connect(input, b, { solver }).toNeurons).to.equal(false);
    const c = net.connect(a, b);
    c.solver = solver;
    expect([c.solver, c.toNeurons]).to.deep.equal([solver, true]);
  });

  it("re-learns sizes when its function is set", () => {
    const { net, a, b } = some();
    const c = net.connect(a, b, { label: "c" });
    c.function = (x) => [x[0], x[0]];
    expect(c.sizeMid).to.equal(2);
    const before = c.function;
    expect(() => (c.function = (x) => x[0])).to.throw(ShapeError, 'Connection "c" (pre size 2, function output 1, post size 2).transform');
    expect(c.function).to.equal(before);
    expect(c.sizeMid).to.equal(2);
    c.set({ function: (x) => x[0], transform: [[1], [2]] });
    expect([c.sizeMid, c.transform?.sizeIn]).to.deep.equal([1, 1]);
    expect(() => (c.function = null)).to.throw(ShapeError);
    c.set({ function: null, transform: null });
    expect([c.sizeMid, c.function, c.transform]).to.deep.equal([2, null, null]);
    expect(() => c.set({ post: a } as never)).to.throw(
      ValidationError,
      'Connection "c".post: expected one of synapse, function, transform, solver, got an unknown option "post".',
    );
  });

  it("fits a drawn transform to a new function", () => {
    const { net, a, b } = some();
    const c = net.connect(a, b, { transform: new Uniform({ low: 0, high: 1 }) });
    c.function = (x) => [1, 2, x[0]];
    expect([c.transform?.sizeIn, c.transform?.sizeOut]).to.deep.equal([3, 2]);
  });

  it("changes nothing when a change fails", () => {
    const { net, a, b } = some();
    const c = net.connect(a, b);
    expect(() => c.set({ synapse: null, solver: new NoSolver(), transform: [[1]] })).to.throw(ShapeError);
    expect(c.synapse?.equals(new Lowpass({ tau: 0.005 }))).to.equal(true);
    expect(c.solver.equals(new LstsqL2())).to.equal(true);
    c.transform = 3;
    expect(() => (c.transform = [1, 2, 3])).to.throw(ShapeError);
    expect(c.transform?.equals(new Dense({ shape: [2, 2], init: 3 }))).to.equal(true);
    expect(() => (c.solver = "x" as never)).to.throw(ValidationError, '.solver: expected a solver such as new LstsqL2(), got "x".');
  });

  it("names all sizes when a transform does not fit", () => {
    const { net, a, b, one } = some();
    const name = 'Connection from Ensemble "a" to Ensemble "one"';
    expect(() => net.connect(a, one)).to.throw(ShapeError, `${name} (pre size 2, post size 1).transform`);
    expect(() => net.connect(a, one, { function: (x) => [x[0], 0, 0] })).to.throw(
      ShapeError,
      `${name} (pre size 2, function output 3, post size 1).transform`,
    );
    expect(() => net.connect(a, one, { transform: [[1, 2, 3]] })).to.throw(ShapeError, `${name} (pre size 2, post size 1).transform`);
    expect(() => net.connect(a, one, { transform: 1 })).to.throw(ShapeError, ".transform");
    expect(() => net.connect(a, b, { transform: new Dense({ shape: [1, 2], init: [[1, 2]] }) })).to.throw(ShapeError, ".transform");
    expect(() => net.connect(a, b, { transform: "identity" as never })).to.throw(ValidationError, ".transform");
  });

  it("refuses a matrix where indices repeat", () => {
    const { net, a, b } = some();
    const matrix = [
      [1, 0],
      [0, 1],
    ];
    const repeated = a.pick([0, 0]);
    expect(() => net.connect(repeated, b, { transform: matrix })).to.throw(
      ValidationError,
      'Connection from Ensemble "a"[0, 0] to Ensemble "b".transform: expected a number, a vector or null where the indices of pre repeat, got a matrix. Put the repetition into the matrix, and pick every component of pre once.',
    );
    expect(() => net.connect(b, repeated, { transform: matrix })).to.throw(ValidationError, "where the indices of post repeat");
    expect(() => net.connect(b, repeated, { transform: new Uniform({ low: 0, high: 1 }) })).to.throw(
      ValidationError,
      "where the indices of post repeat",
    );
    expect(() => net.connect(repeated, b, { transform: matrix, function: (x) => x })).to.throw(
      ValidationError,
      "where the indices of pre repeat",
    );
    for (const transform of [null, 2, [1, 2]]) expect(net.connect(repeated, repeated, { transform }).sizeOut).to.equal(2);
  });

  it("computes functions only where there is something to compute from", () => {
    const { net, a, b, input, relay } = some();
    const message =
      "function: expected null, for functions are computed only from ensembles and Nodes with an output of their own, got function same.";
    const same = (x: Float64Array) => x;
    expect(() => net.connect(a.neurons.slice(0, 2), b, { function: same })).to.throw(
      ValidationError,
      `${message} Connect from the ensemble, or put a Node with a function between.`,
    );
    expect(() => net.connect(relay, b, { function: same })).to.throw(
      ValidationError,
      `Connection from Node "relay" to Ensemble "b".${message} Connect from what feeds the Node, or give the Node a function.`,
    );
    expect(net.connect(input, b, { function: same }).sizeMid).to.equal(2);
    // The function is checked before the transform.
    expect(() => net.connect(relay, b, { function: same, transform: [[1]] })).to.throw(ValidationError, "function:");
  });

  it("refuses functions that return something else", () => {
    const { net, a, one } = some();
    const expected =
      'Connection from Ensemble "a" to Ensemble "one".function: expected a function that returns a number or an array of at least one number, got';
    const returning = (value: unknown) => () => net.connect(a, one, { function: (() => value) as never });
    expect(returning(undefined)).to.throw(
      ValidationError,
      `${expected} undefined. Look for a missing return, or an index past the end of its argument.`,
    );
    expect(returning(null)).to.throw(ValidationError, `${expected} null.`);
    expect(returning([])).to.throw(ValidationError, `${expected} an empty array.`);
    expect(returning([[1]])).to.throw(ValidationError, `${expected} an array that holds something else.`);
    expect(returning([undefined])).to.throw(ValidationError, `${expected} an array that holds something else.`);
    expect(returning("1")).to.throw(ValidationError, `${expected} "1".`);
    expect(returning(true)).to.throw(ValidationError, `${expected} true.`);
    expect(returning(Promise.resolve(1))).to.throw(ValidationError, `${expected} a Promise.`);
    expect(() => net.connect(a, one, { function: "square" as never })).to.throw(
      ValidationError,
      '.function: expected a function of an array, its values at evalPoints as an array, or null, got "square".',
    );
  });

  it("passes on why a function failed", () => {
    const { net, a, one } = some();
    const cause = new RangeError("too far");
    const fails = () =>
      net.connect(a, one, {
        function: () => {
          throw cause;
        },
      });
    expect(fails).to.throw(
      ValidationError,
      ".function: expected a function of an array of 2 numbers, got an exception: RangeError: too far. It is called once with zeros when it is set, to learn the size of its result.",
    );
    expect(fails).to.throw(ValidationError).with.property("cause", cause);
  });

  it("checks evaluation points", () => {
    const { net, a, b, input } = some();
    const evalPoints = [
      [1, 2],
      [3, 4],
    ];
    expect(net.connect(a, b, { evalPoints }).evalPoints).to.deep.equal({ shape: [2, 2], data: Float64Array.of(1, 2, 3, 4) });
    const drawn = new Uniform({ low: 0, high: 1 });
    expect(net.connect(a, b, { evalPoints: drawn }).evalPoints).to.equal(drawn);
    expect(() => net.connect(input, b, { evalPoints })).to.throw(
      ValidationError,
      'Connection from Node "in" to Ensemble "b".evalPoints: expected null, for only connections from ensembles are fitted, got shape [2, 2].',
    );
    expect(() => net.connect(a, b, { evalPoints: [[1]] })).to.throw(
      ShapeError,
      ".evalPoints: expected a distribution or an array of shape [nEvalPoints, 2], got shape [1, 1].",
    );
    expect(() => net.connect(a, b, { scaleEvalPoints: 0 as never })).to.throw(
      ValidationError,
      ".scaleEvalPoints: expected true or false, got 0.",
    );
  });

  it("refuses ends that cannot be connected", () => {
    const { net, a, b } = some();
    const starts = "expected an Ensemble, its neurons, a Node, or a view of one, got";
    const ends = "expected an Ensemble, its neurons, a Node, a learning rule, or a view of one, got";
    const c = net.connect(a, b);
    expect(() => net.connect(c as never, b)).to.throw(
      ValidationError,
      `Connection.pre: ${starts} Connection from Ensemble "a" to Ensemble "b".`,
    );
    expect(() => net.connect(a, net.probe(a, { label: "p" }) as never, { label: "x" })).to.throw(
      ValidationError,
      `Connection "x".post: ${ends} Probe "p".`,
    );
    expect(() => net.connect(a, net as never)).to.throw(ValidationError, `Connection.post: ${ends} Network.`);
    expect(() => net.connect(a, undefined as never)).to.throw(ValidationError, `Connection.post: ${ends} undefined.`);
    expect(() => net.connect([a, 1] as never, b)).to.throw(ValidationError, `Connection.pre: ${starts} [Ensemble "a", 1].`);
  });

  it("refuses objects of another network", () => {
    const { net, a } = some();
    const other = new Network({ label: "other" });
    const foreign = other.network().ensemble(5, 2, { label: "f" });
    const message = 'expected an object of Network or its subnetworks, got Ensemble "f" of another network.';
    expect(() => net.connect(a, foreign)).to.throw(ValidationError, `Connection.post: ${message}`);
    expect(() => net.connect(foreign, a)).to.throw(ValidationError, `Connection.pre: ${message}`);
    expect(() => net.connect(foreign.neurons.at(0), a.at(0))).to.throw(ValidationError, 'got Ensemble "f".neurons[0] of another network.');
    expect(() => other.connect(a, a)).to.throw(
      ValidationError,
      'expected an object of Network "other" or its subnetworks, got Ensemble "a" of another network.',
    );
  });

  it("refuses ends without components", () => {
    const { net, a, b, input } = some();
    const direct = net.ensemble(5, 2, { neuronType: new Direct(), label: "d" });
    const sink = net.node(() => undefined, { sizeIn: 2, label: "sink" });
    expect(() => net.connect(direct.neurons, b)).to.throw(
      ValidationError,
      'Connection.pre: expected an object with an output, got Ensemble "d".neurons, whose sizeOut is 0. A Direct ensemble has no neurons.',
    );
    expect(() => net.connect(a, direct.neurons)).to.throw(ValidationError, "A Direct ensemble has no neurons.");
    expect(() => net.connect(a, input)).to.throw(
      ValidationError,
      'Connection.post: expected an object with an input, got Node "in", whose sizeIn is 0. Give the Node {sizeIn}.',
    );
    expect(() => net.connect(a, input.at(0))).to.throw(ValidationError, 'got Node "in"[0], whose sizeIn is 0. Give the Node {sizeIn}.');
    expect(() => net.connect(sink, a)).to.throw(ValidationError, 'got Node "sink", whose sizeOut is 0. Its function returns nothing.');
    expect(() => net.connect(a.slice(5), b)).to.throw(ValidationError, "whose sizeOut is 0. The view picks nothing of 2 components.");
  });

  it("refuses bad options", () => {
    const { net, a, b } = some();
    const bad = (options: unknown) => () => net.connect(a, b, options as ConnectionOptions);
    expect(bad({ fn: 1 })).to.throw(
      ValidationError,
      '.fn: expected one of synapse, evalPoints, scaleEvalPoints, function, transform, solver, learningRuleType, label, seed, got an unknown option "fn".',
    );
    expect(bad(0.01)).to.throw(ValidationError, "expected an options object with one of synapse");
    expect(bad({ seed: -1, label: "c" })).to.throw(ValidationError, 'Connection "c".seed');
    expect(bad({ label: 1 })).to.throw(ValidationError, ".label: expected a string, got 1.");
    expect(bad({ solver: null })).to.throw(ValidationError, ".solver: expected a solver such as new LstsqL2(), got null.");
  });
});

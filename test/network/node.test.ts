import { expect } from "chai";
import { ShapeError, ValidationError } from "../../src/errors.ts";
import { Network, Node, type NodeKind, type NodeOptions, type NodeOutputLike } from "../../src/network/index.ts";
import { Process, type ProcessOptions, type ProcessStep } from "../../src/processes/process.ts";
import { Lowpass } from "../../src/synapses/index.ts";

class Doubling extends Process {
  static override readonly type = "Doubling";
  constructor(options: ProcessOptions = {}) {
    super(options, { sizeIn: 2, sizeOut: 3 });
  }
  makeStep(): ProcessStep {
    return (_t, x) => [2 * x[0], 0, 0];
  }
}

const make = (output: NodeOutputLike, options?: NodeOptions) => new Network().node(output, options);
const sizes = ({ kind, sizeIn, sizeOut }: Node) => [kind, sizeIn, sizeOut];

describe("Node", () => {
  it("is a constant", () => {
    const node = make(0.5, { label: "half" });
    expect([...sizes(node), node.label, node.seed]).to.deep.equal(["constant", 0, 1, "half", null]);
    expect(node.output).to.deep.equal(Float64Array.of(0.5));
    for (const output of [[1, 2], Float32Array.of(1, 2), { shape: [2], data: [1, 2] }]) {
      expect(sizes(make(output))).to.deep.equal(["constant", 0, 2]);
      expect(make(output).output).to.deep.equal(Float64Array.of(1, 2));
    }
    expect(sizes(make([1, 2], { sizeIn: 0, sizeOut: 2 }))).to.deep.equal(["constant", 0, 2]);
  });

  it("passes its input on", () => {
    const net = new Network();
    expect(sizes(net.node({ sizeIn: 3 }))).to.deep.equal(["passthrough", 3, 3]);
    expect(sizes(net.node(null, { sizeIn: 3, sizeOut: 3 }))).to.deep.equal(["passthrough", 3, 3]);
    const labelled = net.node({ sizeIn: 1, label: "out" });
    expect([labelled.output, labelled.label]).to.deep.equal([null, "out"]);
  });

  it("is a process, whose sizes it takes", () => {
    const process = new Doubling();
    expect(sizes(make(process))).to.deep.equal(["process", 2, 3]);
    expect(sizes(make(process, { sizeIn: 1, sizeOut: 4 }))).to.deep.equal(["process", 1, 4]);
    expect(sizes(make(process, { sizeIn: 0 }))).to.deep.equal(["process", 0, 3]);
    expect(make(process).output).to.equal(process);
  });

  it("is a function, whose output size is learned by one call with zeros", () => {
    const calls: [number, number[]][] = [];
    const output = (t: number, x: Float64Array) => {
      calls.push([t, Array.from(x)]);
      return [t, 1, x[0]];
    };
    const node = make(output, { sizeIn: 2 });
    expect(sizes(node)).to.deep.equal(["function", 2, 3]);
    expect(node.output).to.equal(output);
    expect(calls).to.deep.equal([[0, [0, 0]]]);
    expect(sizes(make((t) => Math.sin(t)))).to.deep.equal(["function", 0, 1]);
    expect(sizes(make(() => Float32Array.of(1, 2)))).to.deep.equal(["function", 0, 2]);
    expect(sizes(make((t) => 1 / t))).to.deep.equal(["function", 0, 1]);
  });

  it("has no output if the function returns nothing", () => {
    expect(sizes(make(() => undefined, { sizeIn: 1 }))).to.deep.equal(["function", 1, 0]);
    expect(sizes(make(() => null, { sizeIn: 1 }))).to.deep.equal(["function", 1, 0]);
  });

  it("does not call a function whose sizes are given", () => {
    const node = make(
      () => {
        throw new Error("called");
      },
      { sizeIn: 2, sizeOut: 1 },
    );
    expect(sizes(node)).to.deep.equal(["function", 2, 1]);
  });

  it("leaves room for other kinds", () => {
    class Other extends Node {
      constructor(network: Network) {
        super(network, null, { sizeIn: 2, sizeOut: 5 }, "other");
      }
      override get kind(): NodeKind {
        return "tensor";
      }
    }
    const net = new Network();
    const node = net.add(new Other(net));
    expect(sizes(node)).to.deep.equal(["tensor", 2, 5]);
    expect(net.nodes).to.deep.equal([node]);
    expect(net.connect(node, net.ensemble(10, 5), { function: (x) => x }).sizeMid).to.equal(5);
  });

  it("refuses bad outputs", () => {
    const expected = "expected a number, an array of numbers, a process, a synapse, a function of (t, x), or null";
    expect(() => make("x" as never, { label: "n" })).to.throw(ValidationError, `Node "n".output: ${expected}, got "x".`);
    expect(() => make(true as never)).to.throw(ValidationError, `Node.output: ${expected}, got true.`);
    expect(() => make(new Network() as never)).to.throw(ValidationError, `Node.output: ${expected}, got a Network.`);
    expect(() => make({ sizeIn: 2 } as never, { label: "n" })).to.throw(ValidationError, `Node "n".output: ${expected}, got an object.`);
    expect(() => make([[1, 2]] as never)).to.throw(
      ShapeError,
      "Node.output: expected a number or an array [sizeOut], got shape [1, 2]. For values that change over time use new PresentInput() or a function.",
    );
    expect(() => make([])).to.throw(ShapeError, "Node.output: expected a number or an array [sizeOut], got shape [0].");
    expect(() => make(NaN)).to.throw(ValidationError, "Node.output: expected finite numbers, got NaN at position 0.");
    expect(() => make([1, Infinity])).to.throw(ValidationError, "Node.output: expected finite numbers, got Infinity at position 1.");
    expect(() => make(["1"] as never)).to.throw(ValidationError, 'Node.output: expected numbers, got "1".');
  });

  it("refuses sizes that contradict the output", () => {
    expect(() => make([1, 2], { sizeIn: 1 })).to.throw(ValidationError, "Node.sizeIn: expected 0, for its output is constant, got 1.");
    expect(() => make([1, 2], { sizeOut: 3 })).to.throw(ShapeError, "Node.sizeOut: expected 2, the size of its output, got 3.");
    expect(() => make(null)).to.throw(
      ValidationError,
      "Node.sizeIn: expected a size for a Node that passes its input on, got none. Give an output or {sizeIn}.",
    );
    expect(() => new Network().node({ label: "n" })).to.throw(ValidationError, 'Node "n".sizeIn: expected a size');
    expect(() => make(null, { sizeIn: 2, sizeOut: 3 })).to.throw(
      ShapeError,
      "Node.sizeOut: expected sizeIn (2) where the input is passed on, got 3. Leave it out.",
    );
    expect(() => make(null, { sizeIn: -1 })).to.throw(
      ValidationError,
      "Node.sizeIn: expected a finite number >= 0 and <= 268435456, got -1.",
    );
    expect(() => make(1, { sizeOut: 0.5 })).to.throw(ValidationError, "Node.sizeOut: expected an integer, got 0.5.");
  });

  it("filters its input by a synapse", () => {
    expect(sizes(make(new Lowpass({ tau: 0.1 })))).to.deep.equal(["process", 1, 1]);
    expect(sizes(make(new Lowpass({ tau: 0.1, defaultSizeIn: 3 })))).to.deep.equal(["process", 3, 3]);
    expect(sizes(make(new Lowpass({ tau: 0.1 }), { sizeIn: 2, sizeOut: 2 }))).to.deep.equal(["process", 2, 2]);
    expect(() => make(new Lowpass({ tau: 0.1 }), { sizeIn: 2 })).to.throw(
      ShapeError,
      "Node.sizeOut: expected 2, for a synapse gives as many numbers as it takes, got 1. Give {sizeIn} and {sizeOut} that are equal.",
    );
    expect(() => make(new Lowpass({ tau: 0.1 }), { sizeIn: 0, label: "n" })).to.throw(
      ValidationError,
      'Node "n".sizeIn: expected at least 1, for a synapse filters its input, got 0.',
    );
  });

  it("refuses bad options", () => {
    expect(() => make(1, { size_in: 1 } as never)).to.throw(
      ValidationError,
      'Node.size_in: expected one of sizeIn, sizeOut, label, seed, got an unknown option "size_in".',
    );
    expect(() => new Network().node({ sizein: 1 } as never)).to.throw(
      ValidationError,
      'Node.sizein: expected one of sizeIn, sizeOut, label, seed, got an unknown option "sizein".',
    );
    expect(() => make(1, { seed: 3 as never })).to.throw(
      ValidationError,
      "Node.seed: expected null, for nothing in a Node is drawn, got 3. Give its process a seed instead.",
    );
    expect(() => make(1, { label: [] as never })).to.throw(ValidationError, "Node.label: expected a string, got [].");
  });

  it("refuses functions that return something else", () => {
    const expected = "Node.output: expected a function that returns a number, an array of numbers, or nothing, got";
    expect(() => make((() => "1") as never)).to.throw(ValidationError, `${expected} "1".`);
    expect(() => make((() => true) as never)).to.throw(ValidationError, `${expected} true.`);
    expect(() => make((async () => 1) as never)).to.throw(ValidationError, `${expected} a Promise.`);
    expect(() => make((() => [[1]]) as never)).to.throw(ValidationError, `${expected} an array that holds something else.`);
  });

  it("tells when a function wants an input that it has not", () => {
    const message = "Node.sizeIn: expected at least 1, for the function reads an input, got 0. Give {sizeIn}, or a function of time alone.";
    expect(() => make((_t, x) => x[0])).to.throw(ValidationError, message);
    expect(() => make((_t, x) => x[0] * 2)).to.throw(ValidationError, message);
    expect(() => make((_t, x) => [1, x[0] * 2])).to.throw(ValidationError, message);
    expect(sizes(make((t, _x) => t))).to.deep.equal(["function", 0, 1]);
  });

  it("passes on why a function failed", () => {
    const cause = new TypeError("no such thing");
    const fails = () =>
      make(
        () => {
          throw cause;
        },
        { sizeIn: 2, label: "n" },
      );
    expect(fails).to.throw(
      ValidationError,
      'Node "n".output: expected a function of time and an array of 2 numbers, got an exception: TypeError: no such thing. It is called once with zeros when it is set, to learn the size of its result.',
    );
    expect(fails).to.throw(ValidationError).with.property("cause", cause);
  });
});

import { expect } from "chai";
import fc from "fast-check";
import { ValidationError } from "../../src/errors.ts";
import { Network, View } from "../../src/network/index.ts";
import { Direct } from "../../src/neurons/index.ts";

const listed = (view: View) => Array.from(view.indices.toArray());

describe("View", () => {
  const net = new Network();
  const a = net.ensemble(8, 5, { label: "a" });

  it("looks at components of ensembles, neurons and Nodes", () => {
    const node = net.node([1, 2, 3], { label: "in" });
    for (const [object, view, indices] of [
      [a, a.at(1), [1]],
      [a, a.at(-1), [4]],
      [a, a.slice(), [0, 1, 2, 3, 4]],
      [a, a.slice(1), [1, 2, 3, 4]],
      [a, a.slice(null, -1, 2), [0, 2]],
      [a, a.slice(null, null, -1), [4, 3, 2, 1, 0]],
      [a, a.pick([2, 0, 0, -1]), [2, 0, 0, 4]],
      [a, a.pick(Int32Array.of(3)), [3]],
      [a.neurons, a.neurons.slice(5, 100), [5, 6, 7]],
      [node, node.at(-1), [2]],
    ] as const) {
      expect(view).to.be.instanceOf(View);
      expect(view.target).to.equal(object);
      expect(listed(view)).to.deep.equal(indices);
      expect(view.sizeOut).to.equal(indices.length);
    }
    expect(a.slice(1, 3).sizeIn).to.equal(2);
    expect(a.slice(0, 2).indices.kind).to.equal("range");
    expect(a.pick([0, 1]).indices.kind).to.equal("list");
  });

  it("composes: views of views", () => {
    fc.assert(
      fc.property(fc.nat(4), fc.nat(4), fc.array(fc.nat(4), { minLength: 1, maxLength: 5 }), (start, index, list) => {
        const all = [0, 1, 2, 3, 4];
        expect(listed(a.pick(list).slice(null, null, -1))).to.deep.equal(list.toReversed());
        expect(listed(a.slice(start).at(-1))).to.deep.equal([4]);
        expect(listed(a.slice(null, null, -1).at(index))).to.deep.equal([4 - index]);
        expect(listed(a.slice(start).slice(0, 2))).to.deep.equal(all.slice(start).slice(0, 2));
        expect(a.pick(list).at(0).target).to.equal(a);
      }),
      { seed: 7 },
    );
    expect(() => a.slice(3).at(2)).to.throw(ValidationError, 'Ensemble "a"[3:5].at: expected indices from -2 to 1, got 2.');
  });

  it("picks input and output of a Node each by its own size", () => {
    const node = net.node((_t, x) => [x[0], x[1], 0], { sizeIn: 2, label: "n" });
    const last = node.at(-1);
    expect([Array.from(last.indicesIn!.toArray()), Array.from(last.indicesOut!.toArray())]).to.deep.equal([[1], [2]]);
    const third = node.at(2);
    expect([third.indicesIn, third.sizeIn, third.sizeOut]).to.deep.equal([null, 0, 1]);
    const sink = net.node(() => undefined, { sizeIn: 2 });
    expect(listed(sink.at(1))).to.deep.equal([1]);
    expect(() => node.at(3)).to.throw(ValidationError, 'Node "n".at: expected indices from -3 to 2, got 3.');
  });

  it("refuses what is out of range or no integer", () => {
    expect(() => a.at(5)).to.throw(ValidationError, 'Ensemble "a".at: expected indices from -5 to 4, got 5.');
    expect(() => a.at(-6)).to.throw(ValidationError, "got -6");
    expect(() => a.pick([0, 5])).to.throw(ValidationError, 'Ensemble "a".pick: expected indices from -5 to 4, got [0, 5].');
    expect(() => a.at(0.5)).to.throw(ValidationError, 'Ensemble "a".at: expected integers, got 0.5.');
    expect(() => a.pick([0, 0.5])).to.throw(ValidationError, 'Ensemble "a".pick: expected integers, got 0.5.');
    expect(() => a.pick(3 as never)).to.throw(ValidationError, 'Ensemble "a".pick: expected an array of indices, got 3.');
    expect(() => a.slice("1" as never)).to.throw(ValidationError, 'Ensemble "a".slice: expected integers, got "1".');
    expect(() => a.slice(0, 2, 0)).to.throw(ValidationError, 'Ensemble "a".slice: expected a step other than 0, got 0.');
    const direct = net.ensemble(3, 2, { neuronType: new Direct(), label: "d" });
    expect(() => direct.neurons.at(0)).to.throw(ValidationError, 'Ensemble "d".neurons.at: expected no index, for its size is 0, got 0.');
  });
});

import { expect } from "chai";
import { ValidationError } from "../../src/errors.ts";
import { Connection, Ensemble, Network, Neurons, Node, Probe, configure, trainableOf } from "../../src/network/index.ts";
import { LIF } from "../../src/neurons/index.ts";

function some() {
  const net = new Network();
  const sub = net.network();
  const [outer, inner] = [net.ensemble(5, 1), sub.ensemble(5, 1)];
  const node = sub.node({ sizeIn: 1 });
  return { net, sub, outer, inner, node, connection: sub.connect(outer, inner), probe: net.probe(outer) };
}

describe("configure", () => {
  it("says nothing unless told", () => {
    const { outer, inner, node, connection } = some();
    expect([outer, inner, inner.neurons, node, connection].map(trainableOf)).to.deep.equal([null, null, null, null, null]);
  });

  it("sets single objects", () => {
    const { outer, inner, node, connection } = some();
    configure(outer, { trainable: false });
    configure(connection, { trainable: true });
    configure(node, { trainable: false });
    expect([outer, inner, connection, node].map(trainableOf)).to.deep.equal([false, null, true, false]);
  });

  it("sets all of a network and its subnetworks, made before or after", () => {
    const { net, sub, outer, inner, node, connection } = some();
    configure(net, { trainable: false });
    expect([outer, inner, outer.neurons, node, connection, sub.ensemble(5, 1)].map(trainableOf)).to.deep.equal([
      false,
      false,
      false,
      false,
      false,
      false,
    ]);
  });

  it("lets a class setting stand before the plain one, whichever came first", () => {
    for (const order of ["plain first", "class first"]) {
      const { net, outer, inner, node, connection } = some();
      const plain = () => configure(net, { trainable: false });
      if (order === "plain first") plain();
      configure(net, Ensemble, { trainable: true });
      if (order === "class first") plain();
      expect([outer, inner, connection, node].map(trainableOf), order).to.deep.equal([true, true, false, false]);
    }
  });

  it("sets each class by itself", () => {
    for (const [Class, expected] of [
      [Ensemble, [true, true, null, null]],
      [Neurons, [null, true, null, null]],
      [Connection, [null, null, true, null]],
      [Node, [null, null, null, true]],
    ] as const) {
      const { net, inner, connection, node } = some();
      configure(net, Class, { trainable: true });
      expect([inner, inner.neurons, connection, node].map(trainableOf)).to.deep.equal(expected);
    }
  });

  it("lets the nearer network stand before the farther, even a plain setting before a class's", () => {
    const { net, sub, outer, inner, connection } = some();
    configure(net, Ensemble, { trainable: true });
    configure(sub, { trainable: false });
    expect([outer, inner, connection].map(trainableOf)).to.deep.equal([true, false, false]);
    configure(sub, Connection, { trainable: true });
    expect([inner, connection].map(trainableOf)).to.deep.equal([false, true]);
  });

  it("lets the object stand before its network", () => {
    const { sub, inner } = some();
    configure(sub, Ensemble, { trainable: false });
    configure(inner, { trainable: true });
    expect([trainableOf(inner), trainableOf(inner.neurons)]).to.deep.equal([true, true]);
  });

  it("lets neurons follow their ensemble, unless they have a setting of their own", () => {
    const { net, sub, outer, inner } = some();
    configure(inner, { trainable: false });
    expect(trainableOf(inner.neurons)).to.equal(false);
    configure(inner.neurons, { trainable: true });
    expect([trainableOf(inner), trainableOf(inner.neurons)]).to.deep.equal([false, true]);
    configure(net, Neurons, { trainable: false });
    configure(net, Ensemble, { trainable: true });
    expect([trainableOf(outer), trainableOf(outer.neurons)]).to.deep.equal([true, false]);
    const other = sub.ensemble(5, 1);
    configure(sub, Ensemble, { trainable: true });
    expect(trainableOf(other.neurons)).to.equal(true);
  });

  it("takes settings back", () => {
    const { net, outer } = some();
    configure(net, { trainable: false });
    configure(net, Ensemble, { trainable: true });
    configure(outer, { trainable: false });
    expect(trainableOf(outer)).to.equal(false);
    configure(outer, { trainable: null });
    expect(trainableOf(outer)).to.equal(true);
    configure(net, Ensemble, { trainable: null });
    expect(trainableOf(outer)).to.equal(false);
    configure(net, { trainable: null });
    expect(trainableOf(outer)).to.equal(null);
  });

  it("refuses what cannot be trained", () => {
    const { net, outer, probe } = some();
    const target = "configure.target: expected a Network, Ensemble, Connection, Node or an ensemble's neurons, got";
    expect(() => configure(probe as never, { trainable: true })).to.throw(ValidationError, `${target} Probe of Ensemble ensembles[0].`);
    expect(() => configure(new LIF() as never, { trainable: true })).to.throw(ValidationError, `${target} a LIF.`);
    expect(() => configure(outer.at(0) as never, { trainable: true })).to.throw(ValidationError, `${target} Ensemble ensembles[0][0].`);
    expect(() => configure(net, Probe as never, { trainable: true })).to.throw(
      ValidationError,
      "configure.Class: expected Ensemble, Connection, Node or Neurons, got function Probe.",
    );
    expect(() => configure(outer as never, Ensemble, { trainable: true })).to.throw(
      ValidationError,
      "configure.target: expected a Network where a class is given, got Ensemble ensembles[0].",
    );
    expect(() => configure(net, "Ensemble" as never, { trainable: true })).to.throw(
      ValidationError,
      'configure.Class: expected Ensemble, Connection, Node or Neurons, got "Ensemble".',
    );
  });

  it("refuses bad settings", () => {
    const { net } = some();
    expect(() => configure(net, { trainable: 1 as never })).to.throw(
      ValidationError,
      "configure.trainable: expected {trainable: true}, false or null, got 1.",
    );
    expect(() => configure(net, {} as never)).to.throw(
      ValidationError,
      "configure.trainable: expected {trainable: true}, false or null, got an object.",
    );
    expect(() => configure(net, Ensemble, undefined as never)).to.throw(ValidationError, "got undefined");
    expect(() => configure(net, { trainable: true, dtype: "float32" } as never)).to.throw(
      ValidationError,
      'configure.dtype: expected the setting trainable, got an unknown setting "dtype".',
    );
  });
});

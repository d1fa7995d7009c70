import { expect } from "chai";
import * as nengo from "../../src/index.ts";
import { expectClose, expectSame } from "../support/numbers.ts";
import { chain, dataOf, errorOf, values } from "./support.ts";

describe("the options of a Simulator", () => {
  const { net } = chain();
  const cases: [string, unknown, string][] = [
    ["dt 0", { dt: 0 }, "Simulator.dt: expected"],
    ["a dt that is no number", { dt: "1" }, "Simulator.dt: expected"],
    ["a negative seed", { seed: -2 }, "Simulator.seed: expected"],
    ["a seed of 33 bits", { seed: 2 ** 32 }, "Simulator.seed: expected"],
    ["minibatchSize 0", { minibatchSize: 0 }, "Simulator.minibatchSize: expected"],
    ["another dtype", { dtype: "float16" }, 'Simulator.dtype: expected one of "float64", "float32", got "float16"'],
    ["another engine", { engine: "gpu" }, 'Simulator.engine: expected one of "auto", "reference", "wasm", "tfjs", got "gpu"'],
    ["a negative item", { item: -1 }, "Simulator.item: expected"],
    ["a progressBar that is no boolean", { progressBar: "yes" }, "Simulator.progressBar: expected"],
    [
      "an unknown option",
      { miniBatchSize: 2 },
      'Simulator.miniBatchSize: expected one of dt, seed, minibatchSize, dtype, engine, item, progressBar, got "miniBatchSize"',
    ],
  ];
  for (const [what, options, message] of cases) {
    it(`refuse ${what}`, async () => {
      const error = await errorOf(nengo.ValidationError, () => new nengo.Simulator(net, options as object));
      expect(error.message.slice(0, message.length)).to.equal(message);
    });
  }

  it("refuse what is no network", async () => {
    for (const value of [undefined, {}, net.ensembles[0]]) {
      expect((await errorOf(nengo.ValidationError, () => new nengo.Simulator(value as never))).message).to.match(
        /^Simulator\.network: expected a Network, got /,
      );
    }
    await errorOf(nengo.ValidationError, () => nengo.Simulator.create({} as never));
  });

  it("have the values of the documentation where left out", () => {
    const sim = new nengo.Simulator(net);
    expect([sim.dt, sim.minibatchSize, sim.dtype, sim.seed]).to.deep.equal([0.001, null, "float64", 4]);
  });
});

describe("fields of a Simulator", () => {
  it("refuse to be set, and keep their values", async () => {
    const sim = new nengo.Simulator(chain().net, { dt: 0.002 });
    for (const name of ["dt", "network", "minibatchSize", "dtype", "data"]) {
      const before: unknown = sim[name as "dt"];
      const error = await errorOf(nengo.ReadonlyError, () => Object.assign(sim, { [name]: 1 }));
      expect(error.message).to.equal(`Simulator.${name}: expected to be read only, got another value. Make another Simulator.`);
      expect(sim[name as "dt"]).to.equal(before);
    }
    for (const name of ["nSteps", "time", "seed", "closed", "model"]) expect(() => Object.assign(sim, { [name]: 1 })).to.throw(TypeError);
    await sim.run(0.01);
    expect([sim.nSteps, sim.time, sim.dt]).to.deep.equal([5, 0.01, 0.002]);
  });
});

describe("clearProbes", () => {
  it("forgets data and goes on as before", async () => {
    const [a, b] = [chain(), chain()];
    const [cleared, whole] = [new nengo.Simulator(a.net), new nengo.Simulator(b.net)];
    await cleared.runSteps(20);
    cleared.clearProbes();
    expect(cleared.data.get(a.probe).shape[0]).to.equal(0);
    expect(cleared.nSteps).to.equal(20);
    await cleared.runSteps(10);
    await whole.runSteps(30);
    const { data, shape } = whole.data.get(b.probe);
    expectSame(cleared.data.get(a.probe).data, data.slice(20 * shape[1]));
  });

  it("needs an open simulator at rest", async () => {
    const sim = new nengo.Simulator(chain().net);
    await errorOf(nengo.SimulationError, () => sim.runSteps(5, { onChunk: () => sim.clearProbes() }));
    sim.close();
    await errorOf(nengo.SimulatorClosed, () => sim.clearProbes());
  });
});

describe("the seed of a Simulator", () => {
  it("is the network's + 1 where none is given", async () => {
    const [a, b] = [chain({ seed: 3 }), chain({ seed: 3 })];
    const [own, given] = [new nengo.Simulator(a.net), new nengo.Simulator(b.net, { seed: 4 })];
    await own.runSteps(10);
    await given.runSteps(10);
    expect(own.seed).to.equal(4);
    expectSame(own.data.get(a.inputProbe).data, given.data.get(b.inputProbe).data);
  });

  it("changes processes but not what is built, where the network has one", async () => {
    const { net, inputProbe, ensemble, connection } = chain();
    const [one, two] = [new nengo.Simulator(net, { seed: 1 }), new nengo.Simulator(net, { seed: 2 })];
    await one.runSteps(10);
    await two.runSteps(10);
    expect(values(one.data.get(inputProbe))).not.to.deep.equal(values(two.data.get(inputProbe)));
    expectSame(one.data.get(ensemble).encoders.data, two.data.get(ensemble).encoders.data);
    expectSame(one.data.get(connection).weights!.data, two.data.get(connection).weights!.data);
  });

  it("is drawn for a network without one: different every time, readable, and reproducing", async () => {
    const run = async (seed?: number) => {
      const { net, probe, ensemble } = chain({ seed: null });
      const sim = new nengo.Simulator(net, seed === undefined ? {} : { seed });
      await sim.runSteps(50);
      return { seed: sim.seed, output: values(sim.data.get(probe)), bias: Array.from(sim.data.get(ensemble).bias!.data), network: net };
    };
    const [first, second] = [await run(), await run()];
    expect(first.seed).not.to.equal(second.seed);
    expect(first.bias).not.to.deep.equal(second.bias);
    expect(first.output).not.to.deep.equal(second.output);
    expect(first.network.seed, "the network stays as it is").to.equal(null);
    const again = await run(first.seed);
    expect(again.seed).to.equal(first.seed);
    expectSame(again.bias, first.bias);
    expectSame(again.output, first.output);
  });
});

describe("Simulator in float32", () => {
  it("records float32 numbers near those of float64", async () => {
    const { net, probe, inputProbe } = chain({ neuronType: new nengo.LIFRate() });
    const [exact, single] = [new nengo.Simulator(net), new nengo.Simulator(net, { dtype: "float32" })];
    await exact.runSteps(80);
    await single.runSteps(80);
    expect(single.data.get(probe).data).to.be.instanceOf(Float32Array);
    expect(single.dtype).to.equal("float32");
    const wanted = values(exact.data.get(probe));
    const scale = Math.max(...wanted.map(Math.abs));
    expectClose(single.data.get(probe).data, wanted, 1e-4 * scale);
    expectSame(single.data.get(inputProbe).data, Float32Array.from(values(exact.data.get(inputProbe))));
  });
});

describe("a network that changes after its Simulator was made", () => {
  it("runs as it was", async () => {
    const still = chain();
    const reference = new nengo.Simulator(still.net);
    await reference.runSteps(40);
    const { net, input, ensemble, probe, connection } = chain();
    const sim = new nengo.Simulator(net, { progressBar: false });
    connection.synapse = 0.1;
    connection.function = (x) => -x[0];
    probe.synapse = null;
    net.seed = 99;
    const late = net.ensemble(5, 1);
    net.connect(input, late);
    const lateProbe = net.probe(late);
    await sim.runSteps(40);
    expectSame(sim.data.get(probe).data, reference.data.get(still.probe).data);
    sim.reset();
    await sim.runSteps(40);
    expectSame(sim.data.get(probe).data, reference.data.get(still.probe).data);
    for (const object of [late, lateProbe] as const) {
      const error = await errorOf(nengo.ValidationError, () => sim.data.get(object as nengo.Ensemble));
      expect(error.message).to.match(
        /^Simulator\.data: expected a Probe, Ensemble or Connection of the simulated network, got (Ensemble|Probe)/,
      );
    }
    expect(sim.data.get(ensemble).encoders.shape).to.deep.equal([12, 1]);
  });

  it("is fed and reports as it was", async () => {
    const { net, input } = chain();
    const sim = new nengo.Simulator(net, { progressBar: false });
    const late = net.node(1, { label: "late" });
    net.node((_t, [x]) => x, { sizeIn: 1, label: "late function" });
    const x = dataOf([1, 2, 1], () => 0);
    const error = await errorOf(nengo.ValidationError, () => sim.runSteps(2, { data: [[late, x]] }));
    expect(error.message).to.equal('Simulator.data: expected one of Node "in", got Node "late".');
    await sim.runSteps(2, { data: [[input, x]] });
    expect(String(sim.report)).not.to.include("late");
  });
});

describe("Simulator's feedback", () => {
  it("shows no bar where output is no terminal", async () => {
    const { net } = chain();
    const written: unknown[] = [];
    const write = process.stderr.write.bind(process.stderr);
    const { isTTY } = process.stderr;
    process.stderr.isTTY = false;
    process.stderr.write = (text: unknown) => (written.push(text), true);
    try {
      const sim = new nengo.Simulator(net, { progressBar: true });
      await sim.runSteps(500, { progressBar: true });
    } finally {
      process.stderr.write = write;
      process.stderr.isTTY = isTTY;
    }
    expect(written).to.deep.equal([]);
  });

  it("reports the path, and what has no gradient", () => {
    const { net } = chain();
    const plain = new nengo.Simulator(net).report;
    expect([plain.engine, plain.dtype, plain.model, plain.notes]).to.deep.equal(["wasm", "float64", null, []]);
    expect(String(plain)).to.equal("run: wasm engine, float64");
    const [input] = net.nodes as [nengo.Node];
    const doubled = net.node((_t, [x]) => 2 * x, { sizeIn: 1, label: "double" });
    net.connect(input, doubled);
    const { notes } = new nengo.Simulator(net, { dtype: "float32" }).report;
    expect(notes).to.deep.equal(['Node "double" is a JavaScript function, called at every step and item; gradients stop there']);
  });

  it("describes the plan by operators and origins", () => {
    const text = new nengo.Simulator(chain().net).plan.describe();
    for (const word of ["matmul", "elementwise", "record", 'Ensemble "square"', 'Probe "out"']) expect(text).to.include(word);
  });
});

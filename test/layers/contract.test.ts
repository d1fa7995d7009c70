// Longer than most: a table of all layers, and what each of them must keep.
import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import * as nengo from "../../src/index.ts";
import * as keras from "../../src/layers/keras/factories.ts";
import { TemporalLayer } from "../../src/layers/temporalLayer.ts";
import { expectNoLeaks } from "../support/leaks.ts";
import { expectClose } from "../support/numbers.ts";
import { reloaded } from "../support/saving.ts";
import { onBackends, waves } from "./support.ts";

const { layers } = nengo;
type Layer = tf.layers.Layer;

interface Row {
  /** The layer with the fewest arguments that make sense, and more. */
  readonly make: (more: object) => unknown;
  /** Shape of what one item is: without steps for layers that make them. */
  readonly item: readonly number[];
  /** Whether an item has steps before its features. */
  readonly steps: boolean;
  /** Whether it is stateful where that is asked for, and its states may be given and returned. */
  readonly stateful?: boolean;
  /** Whether it takes a dt. @defaultValue true */
  readonly dt?: boolean;
  /** Whether it draws by a seed. */
  readonly seeded?: boolean;
  /** Arguments that must be finite numbers. */
  readonly numbers?: readonly string[];
  /** The class that the factory makes, where that is a cell within the layer: shapes are then checked by tfjs's layer around it. */
  readonly cell?: unknown;
  /** Whether shapes are checked by a layer of tfjs within. */
  readonly foreign?: boolean;
  /** Allowed difference between backends, and of chunks from a run: whole spikes may move where sums are rounded. @defaultValue 1e-5 */
  readonly tolerance?: number;
}

function someNetwork(more: object): unknown {
  const net = new nengo.Network({ seed: 1 });
  const input = net.node([0, 0, 0]);
  const ensemble = net.ensemble(12, 3, { neuronType: new nengo.LIF() });
  net.connect(input, ensemble, { synapse: null });
  net.probe(ensemble, { synapse: 0.005 });
  return layers.network({ network: net, inputs: [input], ...more });
}

const glorot = (seed: number): ReturnType<typeof tf.initializers.glorotUniform> => tf.initializers.glorotUniform({ seed });
const memory = (more: object): never =>
  ({
    memoryD: 2,
    order: 4,
    theta: 6,
    kernelInitializer: glorot(1),
    hiddenCell: tf.layers.simpleRNNCell({ units: 3, kernelInitializer: glorot(2), recurrentInitializer: glorot(3) }),
    ...more,
  }) as never;

/** Every factory of src/layers/index.ts, but for those of Keras's own layers, which have tests as such. */
const table: Readonly<Record<string, Row>> = {
  alpha: { make: (more) => layers.alpha({ tau: 0.01, ...more }), item: [3], steps: true, stateful: true, numbers: ["tau", "initialLevel"] },
  deltaEncoder: { make: (more) => layers.deltaEncoder(more), item: [3], steps: true, stateful: true, numbers: ["threshold"] },
  ensemble: {
    make: (more) => layers.ensemble({ nNeurons: 10, neuronType: new nengo.LIF(), ...more }),
    item: [3],
    steps: true,
    stateful: true,
    seeded: true,
    numbers: ["nNeurons"],
    tolerance: 1e-3,
  },
  latencyEncoder: { make: (more) => layers.latencyEncoder({ steps: 6, ...more }), item: [3], steps: false, numbers: ["tau", "threshold"] },
  linearFilter: {
    make: (more) => layers.linearFilter({ num: [1], den: [1e-4, 0.02, 1], ...more }),
    item: [3],
    steps: true,
    stateful: true,
    numbers: ["timeScale", "initialLevel"],
  },
  lmu: {
    make: (more) => layers.lmu(memory({ returnSequences: true, hiddenToMemory: true, ...more })),
    item: [3],
    steps: true,
    stateful: true,
    dt: false,
    numbers: ["memoryD", "order", "theta", "dropout"],
  },
  lmuCell: {
    // Without a hidden cell: tfjs's layer takes the first state's size for that of the output.
    make: (more) => tf.layers.rnn({ cell: layers.lmuCell(memory({ hiddenCell: null, ...more })), returnSequences: true }),
    cell: layers.LMUCell,
    item: [3],
    steps: true,
    dt: false,
    numbers: ["memoryD", "order", "theta", "dropout"],
  },
  lmuFeedforward: {
    make: (more) => layers.lmuFeedforward(memory({ returnSequences: true, ...more })),
    item: [3],
    steps: true,
    dt: false,
    numbers: ["memoryD", "order", "theta", "truncateIr"],
  },
  lowpass: {
    make: (more) => layers.lowpass({ tau: 0.01, ...more }),
    item: [2, 2],
    steps: true,
    stateful: true,
    numbers: ["tau", "initialLevel"],
  },
  maxGate: {
    make: (more) => layers.maxGate({ layer: tf.layers.maxPooling1d({ poolSize: 2, strides: 2 }), ...more }),
    item: [4, 2],
    steps: true,
    stateful: true,
  },
  perStep: {
    make: (more) => layers.perStep({ layer: tf.layers.dense({ units: 3, kernelInitializer: glorot(1) }), ...more }),
    item: [3],
    steps: true,
    dt: false,
    foreign: true,
  },
  network: { make: someNetwork, item: [3], steps: true, numbers: ["nSteps"], tolerance: 1e-3 },
  populationEncoder: {
    make: (more) => layers.populationEncoder({ units: 4, steps: 5, ...more }),
    item: [3],
    steps: false,
    numbers: ["units", "low", "high", "width", "maxRate"],
  },
  rateEncoder: { make: (more) => layers.rateEncoder(more), item: [3], steps: true, stateful: true, seeded: true, numbers: ["maxRate"] },
  readout: { make: (more) => layers.readout(more), item: [3], steps: true, numbers: ["delay"] },
  repeat: { make: (more) => layers.repeat({ steps: 4, ...more }), item: [3], steps: false, dt: false, numbers: ["steps"] },
  spiking: {
    make: (more) => layers.spiking({ neuronType: new nengo.LIF(), gain: 2, bias: 1.5, trainGain: true, gradient: "fastSigmoid", ...more }),
    item: [2, 2],
    steps: true,
    stateful: true,
    seeded: true,
    numbers: ["gain", "bias", "throughState"],
  },
  spikingActivation: {
    make: (more) => layers.spikingActivation({ activation: tf.layers.leakyReLU({ alpha: 0.25 }), dt: 0.25, ...more }),
    item: [2, 2],
    steps: true,
    stateful: true,
    seeded: true,
    numbers: ["scaleFiringRates", "initialVoltage"],
  },
};

type Class = (new () => Layer) & { className: string };
const exported = Object.entries<unknown>(layers);
const isClass = (value: unknown): value is Class => typeof value === "function" && value.prototype instanceof tf.layers.Layer;
const classes = exported.flatMap(([, value]) => (isClass(value) ? [value] : []));
const factories = exported.flatMap(([name, value]) => (typeof value === "function" && !isClass(value) && !(name in keras) ? [name] : []));

const made = (row: Row, more: object = {}): Layer => row.make({ ...(row.seeded === true ? { seed: 3 } : {}), ...more }) as Layer;
const [BATCH, STEPS] = [2, 9];
const size = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

/** Inputs of one shape: in quarters between 0 and 2, so that sums of them are exact. */
const inputs = ({ item, steps }: Row, nSteps = STEPS): tf.Tensor =>
  tf.tidy(() => {
    const all = tf.div(tf.round(tf.mul(tf.add(waves([BATCH, STEPS, ...item]), 1), 4)), 4);
    return steps ? tf.slice(all, [0, 0], [BATCH, nSteps]) : tf.squeeze(tf.slice(all, [0, 0], [BATCH, 1]), [1]);
  });

const dense = (units: number, phase: number, sizeIn: number): Layer =>
  tf.layers.dense({
    units,
    weights: [tf.mul(waves([sizeIn, units], phase), 0.8), tf.add(tf.mul(waves([units], phase), 0.2), 0.5)],
  });

const apply = (layer: Layer, x: unknown, kwargs = {}): tf.SymbolicTensor =>
  layer.apply(x as tf.SymbolicTensor, kwargs) as tf.SymbolicTensor;
const numbers = (x: tf.Tensor): number[] => Array.from(x.dataSync());
const output = (layer: Layer, x: tf.Tensor, kwargs = {}): tf.Tensor => [layer.apply(x, kwargs) as tf.Tensor | tf.Tensor[]].flat()[0];

/** A model with dense layers before and after, as asked for. */
function modelOf(row: Row, layer: Layer, before: boolean, after: boolean, nSteps: number | null = STEPS): tf.LayersModel {
  const n = size(row.item);
  const lead = row.steps ? [nSteps] : [];
  // With unknown steps, features stay one axis: a reshape has to know.
  const flat = before && row.item.length > 1 && nSteps !== null;
  const start = before ? [...lead, 3] : [...lead, ...row.item];
  const input = tf.input({ shape: start });
  let x: tf.SymbolicTensor = input;
  if (before) x = apply(dense(n, 1, 3), x);
  if (flat) x = apply(tf.layers.reshape({ targetShape: [...(row.steps ? [nSteps] : []), ...row.item] }), x);
  x = apply(layer, x);
  if (after) x = apply(dense(2, 2, x.shape.at(-1)!), x);
  return tf.model({ inputs: input, outputs: x });
}

describe("layers", () => {
  it("are all in the table of this test", () => {
    expect(Object.keys(table).sort()).to.deep.equal([...factories].sort());
    const constructors = Object.values(table).map((row) => row.cell ?? made(row).constructor);
    expect(new Set(constructors).size, "classes made by the table").to.equal(constructors.length);
    expect(new Set(classes)).to.deep.equal(new Set(constructors));
  });

  it("have class names of their own that begin with Nengo", () => {
    const names = classes.map((c) => c.className);
    expect(new Set(names).size).to.equal(names.length);
    for (const c of classes) {
      expect(c.className).to.match(/^Nengo[A-Z]/);
      expect(Object.hasOwn(c, "className"), c.className).to.equal(true);
      expect((tf.serialization.SerializationMap.getMap().classNameMap as unknown as Record<string, [unknown]>)[c.className][0]).to.equal(c);
    }
  });

  for (const [name, row] of Object.entries(table)) {
    describe(name, () => {
      const owner = (made(row).constructor as unknown as Class).className;

      it("is the same layer after its config has gone through tfjs's renaming, with the same predictions", async () => {
        await nengo.useBackend("wasm");
        const layer = made(row, { name: "one" });
        const model = modelOf(row, layer, false, false);
        const weights = layer.getWeights();
        const changed = weights.map((w, k) => tf.tidy(() => tf.add(w, tf.mul(waves(w.shape, k), 0.1))));
        layer.setWeights(changed);
        tf.dispose(changed);
        const loaded = await reloaded(model);
        const again = loaded.layers.at(-1)!;
        expect(again.constructor).to.equal(layer.constructor);
        expect(again.getConfig()).to.deep.equal(layer.getConfig());
        const x = inputs(row);
        const [a, b] = [model, loaded].map((m) => tf.tidy(() => numbers(m.predict(x) as tf.Tensor)));
        expect(b).to.deep.equal(a);
        expect(a.some((v) => v !== 0)).to.equal(true);
        x.dispose();
        model.dispose();
        loaded.dispose();
      });

      onBackends(() => {
        for (const [place, before, after] of [
          ["first", false, true],
          ["last", true, false],
          ["between trained layers", true, true],
        ] as const) {
          it(`has all gradients when it stands ${place}`, () => {
            const model = modelOf(row, made(row), before, after);
            const variables = model.trainableWeights.map((w) => w.read() as tf.Variable);
            tf.tidy(() => {
              const x = before ? waves([BATCH, ...(row.steps ? [STEPS] : []), 3]) : inputs(row);
              const objective = (): tf.Scalar => {
                const y = model.apply(x, { training: true }) as tf.Tensor;
                return tf.sum(tf.mul(y, waves(y.shape, 5)));
              };
              const { grads } = tf.variableGrads(objective, variables);
              const ofInput = tf.grad((input) => {
                const y = model.apply(input, { training: true }) as tf.Tensor;
                return tf.sum(tf.mul(y, waves(y.shape, 5)));
              })(x);
              for (const variable of variables) {
                const gradient = grads[variable.name] as tf.Tensor | null;
                expect(gradient, variable.name).to.not.equal(null);
                expect(gradient!.shape, variable.name).to.deep.equal(variable.shape);
                const values = numbers(gradient!);
                expect(values.every(Number.isFinite), `finite gradient of ${variable.name}`).to.equal(true);
                expect(
                  values.some((v) => v !== 0),
                  `gradient of ${variable.name} that is not zero`,
                ).to.equal(true);
              }
              expect(ofInput.shape).to.deep.equal(x.shape);
              expect(numbers(ofInput).every(Number.isFinite)).to.equal(true);
              expect(numbers(ofInput).some((v) => v !== 0)).to.equal(true);
            });
            model.dispose();
          });
        }

        if (row.steps) {
          it("takes any number of steps where a model leaves it open", () => {
            const model = modelOf(row, made(row), false, true, null);
            for (const nSteps of [4, STEPS]) {
              const x = inputs(row, nSteps);
              const [y, wanted] = tf.tidy(() =>
                [model.predict(x), modelOf(row, made(row), false, true, nSteps).predict(x)].map((t) => numbers(t as tf.Tensor)),
              );
              expect(y).to.deep.equal(wanted);
              x.dispose();
            }
            expect(model.outputShape[0]).to.equal(null);
            model.dispose();
          });
        }

        if (row.stateful === true) {
          it("in stateful chunks is one run, with states carried by hand too", () => {
            tf.tidy(() => {
              const x = inputs(row);
              const whole = output(made(row), x);
              const layer = made(row, { stateful: true });
              const cuts = [0, 4, 5, STEPS];
              const chunk = (k: number): tf.Tensor => tf.slice(x, [0, cuts[k]], [BATCH, cuts[k + 1] - cuts[k]]);
              const chunks = (): number[] =>
                numbers(
                  tf.concat(
                    [0, 1, 2].map((k) => output(layer, chunk(k))),
                    1,
                  ),
                );
              const wanted = numbers(whole);
              const tolerance = (row.tolerance ?? 1e-5) * Math.max(1, ...wanted.map(Math.abs));
              expectClose(chunks(), wanted, tolerance);
              layer.resetStates();
              expectClose(chunks(), wanted, tolerance);
              layer.resetStates();
              if (name === "rateEncoder") return; // its state is a generator
              const byHand = made(row, { returnState: true });
              for (const named of [false, true]) {
                let states: tf.Tensor[] = [];
                const parts = [0, 1, 2].map((k) => {
                  const call = named && k > 0 ? [chunk(k), { initialState: states }] : [[chunk(k), ...states]];
                  const [y, ...after] = byHand.apply(...(call as [tf.Tensor])) as unknown as tf.Tensor[];
                  states = after;
                  return y;
                });
                expect(states.length).to.be.greaterThan(0);
                expectClose(numbers(tf.concat(parts, 1)), wanted, tolerance);
              }
              // The last step alone is that of all.
              const last = output(made(row, { returnSequences: false }), x);
              expectClose(numbers(last), numbers(tf.squeeze(tf.slice(whole, [0, STEPS - 1], [BATCH, 1]), [1])), 0);
            });
          });
        }

        if (made(row) instanceof TemporalLayer && row.steps) {
          it("runs backwards, and both ways in tfjs's bidirectional, saved and loaded", async () => {
            const [x, reversed] = tf.tidy(() => [inputs(row), tf.reverse(inputs(row), 1)]);
            const of = (make: () => tf.Tensor): number[] => tf.tidy(() => numbers(make()));
            const wanted = of(() => output(made(row), reversed));
            expect(of(() => output(made(row, { goBackwards: true }), x))).to.deep.equal(wanted);
            const layer = made(row);
            layer.build([null, null, ...row.item]); // which an ensemble needs, to be copied
            const both = tf.layers.bidirectional({ layer: layer as tf.RNN, mergeMode: "concat", name: "both" });
            const model = modelOf(row, both, false, false);
            const single = made(row);
            const merged = of(() => {
              output(single, x); // is built
              const weights = both.getWeights();
              const [forwards, backwards] = [0, 1].map((k) => {
                single.setWeights(weights.slice((k * weights.length) / 2, ((k + 1) * weights.length) / 2));
                return output(single, k === 0 ? x : reversed);
              });
              return tf.concat([forwards, tf.reverse(backwards, 1)], -1);
            });
            const loaded = await reloaded(model);
            for (const one of [model, loaded]) expect(of(() => one.predict(x) as tf.Tensor)).to.deep.equal(merged);
            tf.dispose([x, reversed]);
            for (const one of [model, loaded, single]) one.dispose();
          });
        }

        it("gives the same at every call, and leaks nothing in predict and fit", async () => {
          const layer = made(row);
          const model = modelOf(row, layer, true, true);
          const x = tf.tidy(() => waves([BATCH, ...(row.steps ? [STEPS] : []), 3]));
          const outputs = [0, 1].map(() => tf.tidy(() => numbers(model.predict(x) as tf.Tensor)));
          expect(outputs[1]).to.deep.equal(outputs[0]);
          const optimizer = tf.train.adam(0.01);
          model.compile({ optimizer, loss: "meanSquaredError" });
          const y = tf.tidy(() => tf.zerosLike(model.predict(x) as tf.Tensor));
          await expectNoLeaks(() => tf.dispose(model.predict(x)), "predict");
          await expectNoLeaks(async () => void (await model.fit(x, y, { epochs: 1, verbose: 0 })), "fit");
          const { numTensors } = tf.memory();
          model.dispose();
          expect(tf.memory().numTensors).to.be.lessThan(numTensors);
          tf.dispose([x, y]);
        });
      });

      it("gives on the wasm backend what it gives on cpu", async () => {
        const results: number[][] = [];
        for (const backend of ["cpu", "wasm"]) {
          await nengo.useBackend(backend);
          results.push(
            tf.tidy(() => {
              // Not in quarters: where two are the greatest, backends choose differently whose slope a maximum has.
              const x = tf.add(waves([BATCH, ...(row.steps ? [STEPS] : []), ...row.item]), 1);
              const layer = made(row);
              const forward = numbers(output(layer, x));
              const backward = numbers(tf.grad((t) => tf.sum(tf.mul(output(layer, t), waves(output(layer, t).shape, 5))))(x));
              return [...forward, ...backward] as never;
            }),
          );
        }
        const scale = Math.max(1, ...results[0].map(Math.abs));
        expectClose(results[1], results[0], (row.tolerance ?? 1e-5) * scale);
        await nengo.useBackend("cpu");
      });

      if (row.seeded === true) {
        it("draws by its seed", () => {
          tf.tidy(() => {
            const x = inputs(row);
            const of = (seed: number): number[] => numbers(output(made(row, { seed }), x));
            expect(of(5)).to.deep.equal(of(5));
            expect(of(5)).to.not.deep.equal(of(6));
          });
        });
      }

      it("refuses wrong shapes and numbers, by its name", () => {
        const named = { name: "wrong" };
        const speaks = (work: () => unknown, what: string): void => {
          expect(() => tf.tidy(() => void work()), what).to.throw(nengo.NengoError, /^Nengo/);
        };
        if (row.dt !== false) {
          for (const dt of [0, -0.001, Number.NaN, Infinity, "1"]) speaks(() => made(row, { ...named, dt }), `dt ${dt}`);
        }
        for (const parameter of row.numbers ?? []) {
          for (const value of [Number.NaN, Infinity, "x"]) {
            speaks(() => output(made(row, { ...named, [parameter]: value }), inputs(row)), `${parameter} ${value}`);
            try {
              output(made(row, { ...named, [parameter]: value }), inputs(row));
            } catch (error) {
              expect((error as Error).message).to.include(parameter);
            }
          }
        }
        if (row.steps && row.cell === undefined) {
          speaks(() => output(made(row, named), tf.zeros([BATCH])), "rank 1");
          if (name !== "readout" && row.foreign !== true) speaks(() => output(made(row, named), tf.zeros([BATCH, 3])), "rank 2");
          if (name !== "readout" && name !== "network" && row.foreign !== true) {
            const layer = made(row, named);
            speaks(() => {
              output(layer, inputs(row));
              output(layer, tf.zeros([BATCH, STEPS, 7]));
            }, "other features than before");
            expect(() => tf.tidy(() => void output(made(row, named), tf.zeros([BATCH, STEPS])))).to.throw(`${owner} "wrong"`);
          }
        }
      });
    });
  }
});

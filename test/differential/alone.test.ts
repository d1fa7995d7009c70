import { expect } from "chai";
import fc from "fast-check";
import { buildNetwork } from "../../src/build/build.ts";
import {
  table,
  type Dtype,
  type Engine,
  type Executable,
  type Floats,
  type RunOptions,
  type State,
  type Table,
} from "../../src/engines/engine.ts";
import { makeStreams } from "../../src/engines/streams.ts";
import type { Signal } from "../../src/ir/signal.ts";
import { RandomState } from "../../src/math/random.ts";
import type { NeuronType } from "../../src/neurons/neuronType.ts";
import type { Phase } from "../../src/neurons/neuronType.ts";
import { planProgram, type Plan } from "../../src/plan/plan.ts";
import { makeNetwork, networkSpecs, neuronTypes, type NetworkChoices, type NetworkSpec } from "../support/arbitraries.ts";
import { expectSame } from "../support/numbers.ts";
import { engines } from "../support/programs.ts";

const dtypes = ["float64", "float32"] as const;
const rateTypes: readonly NeuronType[] = neuronTypes.filter((t) => !t.spiking);

interface Made {
  readonly plan: Plan;
  /** Slots of input Nodes with their sizes. */
  readonly inputs: readonly { readonly slot: string; readonly size: number }[];
}

function make(spec: NetworkSpec, phase: Phase, choices: NetworkChoices = {}): Made {
  const built = buildNetwork(makeNetwork(spec, choices).net);
  return {
    plan: planProgram(built.program(phase)),
    inputs: [...built.inputs.values()].map(({ slot, signal }) => ({ slot, size: signal.size })),
  };
}

/** Smooth data for the input Nodes, another for every item. */
function dataOf(inputs: Made["inputs"], nSteps: number, items: readonly number[]): Map<string, Table> {
  return new Map(
    inputs.map(({ slot, size }, k) => {
      const data = new Float64Array(items.length * nSteps * size);
      items.forEach((item, b) => {
        const rng = new RandomState(1000 * k + item);
        for (let i = 0; i < size; i++) {
          const [phase, frequency] = [rng.uniform(0, 6), rng.uniform(0.02, 0.2)];
          for (let step = 0; step < nSteps; step++) data[(b * nSteps + step) * size + i] = 0.8 * Math.sin(phase + frequency * step);
        }
      });
      return [slot, table(data, nSteps, size)];
    }),
  );
}

const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);
const advanced = (feeds: ReadonlyMap<string, Table>, rows: number): Map<string, Table> =>
  new Map([...feeds].map(([slot, t]) => [slot, { ...t, offset: t.offset + rows * t.stepStride }]));

interface Ran {
  readonly records: Map<string, Floats>;
  readonly executable: Executable;
  readonly state: State;
}

function runOnce(engine: Engine, { plan }: Made, dtype: Dtype, nSteps: number, items: readonly number[], feeds?: RunOptions["feeds"]): Ran {
  const executable = engine.prepare(plan, { dtype, batch: items.length });
  const state = executable.initialState();
  const records = executable.run({
    nSteps,
    state,
    streams: makeStreams(plan.program, 6, items),
    ...(feeds === undefined ? {} : { feeds }),
  });
  return { records: new Map([...records].map(([slot, { data }]) => [slot, data])), executable, state };
}

/** Values of all per-item signals. */
const memoryOf = ({ executable, state }: Pick<Ran, "executable" | "state">): Map<Signal, Floats> =>
  new Map(executable.plan.layout.signals.filter((s) => s.perItem).map((s) => [s, executable.read(state, s)]));

for (const engine of engines())
  describe(`the ${engine.name} engine on random networks`, () => {
    for (const dtype of dtypes) {
      for (const phase of ["inference", "training"] as const) {
        it(`runs in parts as in one go, bit for bit (${dtype}, ${phase})`, () => {
          fc.assert(
            fc.property(networkSpecs(), fc.integer({ min: 1, max: 29 }), fc.constantFrom(1, 2), fc.boolean(), (spec, cut, batch, fed) => {
              const made = make(spec, phase);
              const items = range(batch);
              const feeds = fed ? dataOf(made.inputs, 30, items) : new Map<string, Table>();
              const all = runOnce(engine, made, dtype, 30, items, feeds);
              const { executable } = all;
              const state = executable.initialState();
              const streams = makeStreams(made.plan.program, 6, items);
              const parts = [
                executable.run({ nSteps: cut, state, streams, feeds }),
                executable.run({ nSteps: 30 - cut, state, streams, feeds: advanced(feeds, cut) }),
              ];
              expect(state.step).to.equal(30);
              for (const [slot, whole] of all.records) {
                const { size } = parts[0].get(slot)!;
                const joined = items.flatMap((b) =>
                  parts.flatMap((p) => [...p.get(slot)!.data.subarray(b * p.get(slot)!.rows * size, (b + 1) * p.get(slot)!.rows * size)]),
                );
                expectSame(joined, whole, slot);
              }
              const [wanted, got] = [memoryOf(all), memoryOf({ executable, state })];
              for (const [signal, values] of wanted) expectSame(got.get(signal)!, values, signal.name);
            }),
            { seed: 41, numRuns: 60 },
          );
        });
      }

      it(`gives item b of a batch what a single run of item b gives, bit for bit (${dtype})`, () => {
        fc.assert(
          fc.property(networkSpecs(), fc.constantFrom<Phase>("inference", "training"), fc.boolean(), (spec, phase, fed) => {
            const made = make(spec, phase);
            const items = [0, 1, 2];
            const all = runOnce(engine, made, dtype, 20, items, fed ? dataOf(made.inputs, 20, items) : undefined);
            for (const b of items) {
              const single = runOnce(engine, made, dtype, 20, [b], fed ? dataOf(made.inputs, 20, [b]) : undefined);
              for (const [slot, data] of all.records) {
                const size = data.length / 3;
                expectSame(single.records.get(slot)!, data.subarray(b * size, (b + 1) * size), `item ${b} of ${slot}`);
              }
              const [one, many] = [memoryOf(single), memoryOf(all)];
              for (const [signal, values] of one)
                expectSame(many.get(signal)!.subarray(b * signal.size, (b + 1) * signal.size), values, signal.name);
            }
          }),
          { seed: 42, numRuns: 100 },
        );
      });
    }

    // Loops may be chaotic, so that any rounding grows; their single steps are compared below.
    it("gives the same in float32 as in float64, to 1e-4 of scale over 50 steps: rate networks without loops", () => {
      fc.assert(
        fc.property(networkSpecs({ types: rateTypes }), (spec) => {
          const made = make(spec, "inference", { types: rateTypes, recurrent: false });
          const [double, single] = dtypes.map((dtype) => runOnce(engine, made, dtype, 50, [0]).records) as [
            Map<string, Floats>,
            Map<string, Floats>,
          ];
          for (const [slot, data] of double) {
            const scale = Math.max(1, ...data.map(Math.abs));
            const got = single.get(slot)!;
            data.forEach((v, i) => void expect(Math.abs(got[i] - v), `${slot} ${i}`).to.be.at.most(1e-4 * scale));
          }
        }),
        { seed: 43, numRuns: 200 },
      );
    });

    it("makes one step in float32 as in float64 from the same state, but for neurons on the brink: spiking networks", () => {
      let [steps, flipped] = [0, 0];
      fc.assert(
        fc.property(networkSpecs({ noise: false }), fc.integer({ min: 1, max: 20 }), (spec, before) => {
          const made = make(spec, "inference");
          const double = runOnce(engine, made, "float64", before, [0]);
          const single = engine.prepare(made.plan, { dtype: "float32", batch: 1 });
          const state = single.initialState();
          // Both start from what float32 can hold.
          for (const [signal, values] of memoryOf(double)) {
            const rounded = values.map(Math.fround);
            double.executable.write(double.state, signal, rounded);
            single.write(state, signal, rounded);
          }
          state.step = before;
          const streams = () => makeStreams(made.plan.program, 6, [0]);
          double.executable.run({ nSteps: 1, state: double.state, streams: streams() });
          single.run({ nSteps: 1, state, streams: streams() });
          const [wanted, got] = [memoryOf(double), memoryOf({ executable: single, state })];
          steps++;
          // A neuron that spikes in one precision only is one whose voltage came to the threshold; what follows it differs too.
          const outputs = [...wanted].filter(([signal]) => signal.name.endsWith(".neurons.out"));
          const flip = outputs.some(([signal, values]) =>
            values.some((v, i) => Math.abs(v - got.get(signal)![i]) > 100 && (v === 0) !== (got.get(signal)![i] === 0)),
          );
          if (flip) {
            flipped++;
            return;
          }
          for (const [signal, values] of wanted) {
            const scale = Math.max(1, ...values.map(Math.abs));
            values.forEach((v, i) => void expect(Math.abs(got.get(signal)![i] - v), `${signal.name}[${i}]`).to.be.at.most(2e-5 * scale));
          }
        }),
        { seed: 44, numRuns: 200 },
      );
      expect(steps).to.equal(200);
      expect(flipped).to.be.at.most(2);
    });

    it("counts the same spikes in float32 as in float64, to one a neuron: without loops, over 100 steps", () => {
      let total = 0;
      // Izhikevich's neurons are chaotic: rounding to float32 moves their spikes.
      const steady = neuronTypes.filter((type) => type.dynamics.rate !== null);
      fc.assert(
        fc.property(networkSpecs({ noise: false, types: steady }), (spec) => {
          const counts = dtypes.map((dtype) => {
            const { net } = makeNetwork(spec, { recurrent: false, types: steady });
            const probes = net.ensembles.filter((e) => e.neuronType.spiking).map((e) => net.probe(e.neurons));
            const built = buildNetwork(net);
            const plan = planProgram(built.program("inference"));
            const { records } = runOnce(engine, { plan, inputs: [] }, dtype, 100, [0]);
            return probes.map((p) => {
              const { slot, shape } = built.probes.get(p)!;
              const amplitude = (p.object as { ensemble: { neuronType: { amplitude?: number } } }).ensemble.neuronType.amplitude ?? 1;
              return range(shape[0]).map(
                (i) => [...records.get(slot)!].reduce((sum, v, k) => (k % shape[0] === i ? sum + v : sum), 0) * (0.001 / amplitude),
              );
            });
          }) as [number[][], number[][]];
          counts[0].forEach((own, e) =>
            own.forEach((count, i) => {
              total += count;
              expect(Math.abs(counts[1][e][i] - count), `ensemble ${e} neuron ${i}: ${count}`).to.be.at.most(1 + 1e-3);
            }),
          );
        }),
        { seed: 45, numRuns: 200 },
      );
      expect(total).to.be.above(3000);
    });
  });

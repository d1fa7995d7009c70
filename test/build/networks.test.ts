import { expect } from "chai";
import { Connection, Ensemble, Probe } from "../../src/network/index.ts";
import { expectConnection, expectEnsemble, expectRecord, expectStepOrder, networkCases, readCase } from "../support/nengoNetworks.ts";
import { simulate, type Simulation } from "../support/simulate.ts";

const files = [
  ["networks of many shapes", "nengo/networks.json", 12],
  ["processes without seeds", "nengo/processOrder.json", 7],
  ["what is drawn", "nengo/draws.json", 3],
  ["neuron types", "nengo/neuronTypes.json", 17],
  ["sparse and convolutional transforms, and solvers", "nengo/images.json", 5],
  ["learning rules", "nengo/learning.json", 15],
] as const;

for (const [title, path, count] of files) {
  describe(`${title}, as Python Nengo builds and runs them`, () => {
    const cases = networkCases(path);
    it("are all there", () => expect(cases).to.have.length(count));

    for (const [name, wanted] of cases) {
      describe(name, () => {
        const { network, objects } = readCase(wanted);
        let simulation: Simulation;
        const object = <T>(id: string, Class: abstract new (...args: never[]) => T): T => {
          const found = objects.get(id);
          expect(found).to.be.instanceOf(Class);
          return found as T;
        };

        before(() => {
          simulation = simulate(network, { nSteps: wanted.steps, seed: wanted.simulatorSeed, dt: wanted.dt });
        });

        it("has the same seeds", () => {
          expect(
            Object.fromEntries(Object.keys(wanted.seeds).map((id) => [id, simulation.built.seeds.get(objects.get(id)!)])),
          ).to.deep.equal(wanted.seeds);
          expect(simulation.built.seeds.size).to.equal(Object.keys(wanted.seeds).length);
        });

        it("runs its operators in the same order", () => expectStepOrder(simulation, wanted));

        for (const [id, values] of Object.entries(wanted.ensembles)) {
          it(`draws the ensemble ${id}`, () => expectEnsemble(simulation, object(id, Ensemble), values));
        }
        for (const [id, values] of Object.entries(wanted.connections)) {
          it(`solves the connection ${id}`, () => expectConnection(simulation, object(id, Connection), values));
        }
        for (const [id, values] of Object.entries(wanted.probes)) {
          it(`records ${id}`, () => expectRecord(simulation, object(id, Probe), values));
        }
      });
    }
  });
}

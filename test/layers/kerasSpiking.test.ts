import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import * as nengo from "../../src/index.ts";
import { fixture } from "../support/fixtures.ts";
import { expectClose } from "../support/numbers.ts";
import { expectGradient, onBackends } from "./support.ts";

interface Numbers {
  readonly shape: number[];
  readonly data: number[];
}
interface Run {
  readonly output: Numbers;
  readonly states: Numbers[];
  readonly dx: Numbers;
  /** With respect to tau and the initial level; empty where they do not train. */
  readonly dweights: (Numbers | null)[];
}
interface Case {
  readonly name: string;
  readonly dt: number;
  readonly tau: number[];
  readonly initialLevel: number[];
  readonly x: Numbers;
  readonly cotangent: Numbers;
  readonly given: Numbers[];
  readonly during: { readonly trainableWeights: number; readonly training: Run; readonly inference: Run; readonly givenStates: Run };
  readonly after: Case["during"];
}

const tensor = ({ shape, data }: Numbers): tf.Tensor => tf.tensor(data, shape);
const initializer = (values: readonly number[]) => {
  const made = tf.initializers.zeros();
  made.apply = () => tf.tensor([...values]);
  return made;
};

describe("filter layers are KerasSpiking's", () => {
  onBackends(() => {
    for (const [name, make, order] of [
      ["lowpass", nengo.layers.lowpass, 1],
      ["alpha", nengo.layers.alpha, 2],
    ] as const) {
      const { cases } = fixture<{ cases: Case[] }>(`keras-spiking/${name}.json`);
      // Its float32 coefficients lose digits in 1 - exp(-d) (1 + d).
      it(`${name}: the published step response`, () => {
        const { dt, tau, x, output } = cases.find((c) => c.name === "step response") as unknown as Case & { output: Numbers };
        tf.tidy(() => {
          const layer = make({ tau: tau[0], dt });
          expectClose((layer.apply(tensor(x)) as tf.Tensor).dataSync(), output.data, order === 1 ? 3e-7 : 1e-6);
          layer.dispose();
        });
      });
      for (const c of cases.filter(({ name: label }) => label !== "step response")) {
        it(`${name}, ${c.name}: values, final states and all gradients`, () => {
          const units = c.tau.length;
          /** Our first state of alpha is tau times their one, the slope of the output. */
          const ours = (state: Numbers): number[] =>
            order === 1 ? state.data : state.data.map((value, i) => (Math.floor(i / units) % 2 === 0 ? value * c.tau[i % units] : value));
          const expectRun = (layer: ReturnType<typeof make>, wanted: Run, training: boolean, states: readonly tf.Tensor[]): void => {
            const call = (x: tf.Tensor): tf.Tensor[] => [layer.call([x, ...states], training ? { training } : {})].flat();
            const [output, ...after] = call(tensor(c.x));
            const scale = Math.max(...wanted.output.data.map(Math.abs));
            expectClose(output.dataSync(), wanted.output.data, 2e-6 * scale, "output");
            after.forEach((state, k) => {
              const values = ours(wanted.states[k]);
              expectClose(state.dataSync(), values, 1e-5 * Math.max(...values.map(Math.abs)), `state ${k}`);
            });
            const scalar = (x: tf.Tensor): tf.Scalar => tf.sum(tf.mul(call(x)[0], tensor(c.cotangent)));
            expectGradient(tf.grad(scalar)(tensor(c.x)).dataSync(), wanted.dx.data, 1e-4, "x");
            const [logTau, level] = layer.trainableWeights.map((w) => w.read() as tf.Variable);
            const variables = [logTau, level];
            const used = variables.filter((_, k) => wanted.dweights[k] !== null && wanted.dweights[k] !== undefined);
            if (used.length === 0) return;
            const { grads } = tf.variableGrads(() => scalar(tensor(c.x)), used);
            for (const [k, variable] of variables.entries()) {
              const theirs = wanted.dweights[k];
              if (theirs === null || theirs === undefined) continue;
              // A given state is the slope there, tau times the slope here: other things are held fixed when tau changes.
              if (order === 2 && states.length > 0) continue;
              const d = k === 1 ? theirs.data : theirs.data.map((v, i) => v * c.tau[i]);
              expectGradient(grads[variable.name].dataSync(), d, 1e-3, ["tau", "initial level"][k]);
            }
          };
          tf.tidy(() => {
            for (const [applyDuringTraining, wanted] of [
              [true, c.during],
              [false, c.after],
            ] as const) {
              const layer = make({
                tau: initializer(c.tau),
                initialLevel: initializer(c.initialLevel),
                dt: c.dt,
                applyDuringTraining,
                returnState: true,
              });
              layer.apply(tensor(c.x));
              expect(layer.trainableWeights).to.have.length(wanted.trainableWeights);
              expectRun(layer, wanted.training, true, []);
              expectRun(layer, wanted.inference, false, []);
              const given = c.given.map((state) =>
                tf.tensor(ours(state), [c.x.shape[0], ...(order === 1 ? [] : [order]), ...c.x.shape.slice(2)]),
              );
              expectRun(layer, wanted.givenStates, false, given);
              layer.dispose();
            }
          });
        });
      }
    }
  });
});

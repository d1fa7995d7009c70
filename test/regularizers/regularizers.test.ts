import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import * as nengo from "../../src/index.ts";
import { differences, expectGradient, onBackends, waves } from "../layers/support.ts";
import { fixture } from "../support/fixtures.ts";

interface Case {
  readonly kind: "ranged" | "l1" | "l2" | "l1l2" | "percentile";
  readonly options: object;
  readonly value: number;
}
const { shape, x, cases } = fixture<{ shape: number[]; x: number[]; cases: Case[] }>("keras-spiking/regularizers.json");
const { regularizers } = nengo;

describe("regularizers", () => {
  onBackends(() => {
    for (const { kind, options, value } of cases) {
      it(`${kind} ${JSON.stringify(options)} costs what it costs in KerasSpiking`, () => {
        tf.tidy(() => {
          const cost = regularizers[kind](options)(tf.tensor(x, shape)).dataSync()[0];
          expect(cost).to.be.closeTo(value, 1e-5 * value);
        });
      });
    }
  });

  for (const [name, make] of Object.entries({
    l1l2: () => regularizers.l1l2({ l1: 0.1, l2: 0.3, target: [-0.2, 0.3] }),
    percentile: () => regularizers.percentile({ percentile: 70, axis: [0, 1], l2: 0.3, target: 0.05 }),
    ranged: () => regularizers.ranged({ target: 0.21, regularizer: regularizers.l1() }),
  })) {
    it(`${name} has the gradient of its value`, async () => {
      const at = waves([3, 4, 2]).dataSync() as Float32Array;
      const cost = (): number => tf.tidy(() => make()(tf.tensor(at.slice(), [3, 4, 2])).dataSync()[0]);
      const got = tf.tidy(() =>
        tf
          .grad((v: tf.Tensor) => make()(v))(tf.tensor(at.slice(), [3, 4, 2]))
          .dataSync(),
      );
      expectGradient(got, await differences(cost, at, 1e-3), 0.02, name);
    });
  }

  it("refuse odd targets and weights", () => {
    expect(() => regularizers.l2({ target: [20, 10] })).to.throw(nengo.ValidationError, /l2\.target\[1\]: expected a finite number >= 20/);
    expect(() => regularizers.l1({ target: "10" as never })).to.throw(nengo.ValidationError, /l1\.target/);
    expect(() => regularizers.l1l2({})).to.throw(nengo.ValidationError, /l1 or l2 above 0/);
    expect(() => regularizers.l2({ l2: -1 })).to.throw(nengo.ValidationError, /l2\.l2/);
    expect(() => regularizers.percentile({ percentile: 101, l2: 1 })).to.throw(nengo.ValidationError, /percentile\.percentile/);
  });
});

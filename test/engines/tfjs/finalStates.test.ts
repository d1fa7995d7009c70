import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { add, input, mul } from "../../../src/expr/expr.ts";
import type { Operator } from "../../../src/ir/operators.ts";
import { operand, range } from "../../../src/ir/signal.ts";
import { feedOf, perItem, programOf, recordOf, whole } from "../../support/programs.ts";
import { expectNear, forward, kernelRunner, opsRunner, type Case } from "./support.ts";

const [x, s] = [input("x"), input("s")];

describe("states at the end of a run of tf operations", () => {
  before(() => tf.setBackend("cpu"));

  it("have a gradient where no record depends on them", () => {
    const [u, decaying, last] = [perItem("u", 1), perItem("decaying", 1), perItem("last", 1)];
    const operators: Operator[] = [
      feedOf(u),
      {
        kind: "elementwise",
        origin: "decay",
        shape: [1],
        inputs: { x: operand(range(u)), s: operand(range(decaying)) },
        constants: {},
        outputs: [{ operand: operand(range(decaying)), role: "update", expr: add(mul(s, 0.5), x) }],
        differentiable: true,
      },
      // Set anew at every step: it has no past.
      { kind: "copy", origin: "last", source: whole(u), target: whole(last), role: "set" },
      recordOf(u),
    ];
    const c: Case = { program: programOf(operators), nSteps: 3, batch: 2, feeds: { u: 1 }, states: [decaying, last] };
    const runner = opsRunner(c);
    const [du, ds] = tf.tidy(() => {
      const { grads } = tf.valueAndGrads((fed: tf.Tensor, start: tf.Tensor) => {
        const { states } = runner({ feeds: [fed], blocks: [], states: [start, tf.zeros([2, 1])] }, { batch: 2, nSteps: 3 });
        return tf.add<tf.Scalar>(tf.sum(states[0]), tf.mul(10, tf.sum(states[1])));
      })([tf.ones([2, 3, 1]), tf.zeros([2, 1])]);
      return grads.map((g) => [...g.dataSync()]);
    });
    expect(du).to.deep.equal([0.25, 0.5, 11, 0.25, 0.5, 11]);
    expect(ds).to.deep.equal([0.125, 0.125]);
  });

  it("count what is added after the loop that sets them", () => {
    const [u, state, out] = [perItem("u", 2), perItem("state", 2), perItem("out", 2)];
    const operators: Operator[] = [
      feedOf(u),
      {
        kind: "elementwise",
        origin: "both",
        shape: [2],
        inputs: { x: operand(range(u)), s: operand(range(state)) },
        constants: {},
        outputs: [
          { operand: operand(range(state)), role: "update", expr: add(mul(s, 0.5), x) },
          { operand: operand(range(out)), role: "set", expr: mul(s, 3) },
        ],
        differentiable: true,
      },
      { kind: "copy", origin: "add", source: whole(u), target: whole(out), role: "inc" },
      recordOf(state),
    ];
    const c: Case = { program: programOf(operators), nSteps: 4, batch: 2, feeds: { u: 2 }, states: [out, state] };
    expectNear(forward(opsRunner(c), c).states, forward(kernelRunner(c), c).states, 1e-6, "state");
  });

  it("and records of no step are those at the start, with their gradient", () => {
    const [u, state] = [perItem("u", 2), perItem("state", 2)];
    const update: Operator = { kind: "copy", origin: "update", source: whole(u), target: whole(state), role: "update" };
    const c: Case = { program: programOf([feedOf(u), update, recordOf(state)]), nSteps: 0, batch: 2, feeds: { u: 2 }, states: [state] };
    tf.tidy(() => {
      const start = tf.tensor2d([1, 2, 3, 4], [2, 2]);
      const { value, grads } = tf.valueAndGrads((given: tf.Tensor) => {
        const { records, states } = opsRunner(c)({ feeds: [tf.zeros([2, 0, 2])], blocks: [], states: [given] }, { batch: 2, nSteps: 0 });
        expect(records[0].shape).to.deep.equal([2, 0, 2]);
        return tf.sum<tf.Scalar>(tf.square(states[0]));
      })([start]);
      expect(value.dataSync()[0]).to.equal(30);
      expect([...grads[0].dataSync()]).to.deep.equal([2, 4, 6, 8]);
    });
  });
});

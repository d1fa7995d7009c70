import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { blockOf } from "../../src/engines/blocks.ts";
import { deferProducts } from "../../src/engines/deferredProducts.ts";
import { Scan } from "../../src/engines/tfjs/scan.ts";
import * as expr from "../../src/expr/index.ts";
import { useBackend } from "../../src/backend.ts";
import type { Operator } from "../../src/ir/operators.ts";
import { range, Signal, type Range } from "../../src/ir/signal.ts";
import { recurrentProgram } from "../../src/layers/lmu/recurrentProgram.ts";
import { expectGradient, waves } from "../layers/support.ts";

const perItem = (name: string, size: number): Signal => new Signal(name, { shape: [size], perItem: true });
const weights = (name: string, size: number): Signal =>
  new Signal(name, { shape: [size], perItem: false, parameter: { role: "weights", owner: {}, trainable: true } });

/** `z = fed + W m + U h`, `m = tanh(z)` of the first, `h = z` of the step before; W has a row an output, U a row an input. */
function sample({ twice = false, unfed = false } = {}) {
  const [z, other, m, h] = [perItem("z", 3), perItem("other", 3), perItem("m", 4), perItem("h", 3)];
  const [W, U, V] = [weights("W", 12), weights("U", 9), weights("V", 9)];
  const product = (of: Signal, strides: number[], x: Range, y: Range, role: "inc" | "set" = "inc"): Operator => ({
    kind: "matmul",
    origin: of.name,
    weights: { signal: of, offset: 0, strides },
    x,
    y,
    role,
    spikes: false,
  });
  const tanh: Operator = {
    kind: "elementwise",
    origin: "tanh",
    shape: [3],
    inputs: { x: { signal: z, offset: 0, strides: [1] }, y: { signal: other, offset: 0, strides: [1] } },
    constants: {},
    outputs: [
      { operand: { signal: h, offset: 0, strides: [1] }, role: "update", expr: expr.tanh(expr.add(expr.input("x"), expr.input("y"))) },
    ],
    differentiable: true,
  };
  const operators: Operator[] = [
    { kind: "feed", origin: "m", target: range(m), slot: "m", stream: null },
    unfed
      ? { kind: "set", origin: "z", target: range(z), value: 0.1 }
      : { kind: "feed", origin: "z", target: range(z), slot: "z", stream: null },
    product(W, [4, 1], range(m), range(z)),
    product(U, [1, 3], range(h), range(z)),
    // Nothing is fed where this one goes.
    product(V, [1, 3], range(h), range(other), "set"),
    ...(twice ? [product(U, [1, 3], range(h), range(z))] : []),
    tanh,
    { kind: "record", origin: "h", source: range(h), slot: "h", period: 1 },
  ];
  const fed = unfed ? ["m"] : ["m", "z"];
  return { program: { dt: 1, operators, streams: [], results: [] }, fed, blocks: [W, U, V].map((s) => blockOf(s)), states: [h] };
}

describe("gradients of weights formed after a run", () => {
  it("are those of products into what is fed, of weights that nothing else uses", () => {
    const { program, fed, blocks } = sample();
    const deferral = deferProducts(program, fed, ["h"], blocks);
    expect(deferral.products).to.deep.equal([
      { block: 0, record: 1, feed: 1, outputFirst: true },
      { block: 1, record: 2, feed: 1, outputFirst: false },
    ]);
    expect(deferral.blocks.map((b) => b.trainable)).to.deep.equal([false, false, true]);
    const twice = sample({ twice: true });
    expect(deferProducts(twice.program, fed, ["h"], twice.blocks).products.map((p) => p.block)).to.deep.equal([0]);
    const unfed = sample({ unfed: true });
    expect(deferProducts(unfed.program, unfed.fed, ["h"], unfed.blocks).products).to.deep.equal([]);
    const frozen = blocks.map((b) => ({ ...b, trainable: false }));
    expect(deferProducts(program, fed, ["h"], frozen).products).to.deep.equal([]);
  });

  it("are all but the memory's own of a Legendre memory's program", () => {
    const memory = { memoryD: 1, order: 4, trained: true, memoryToMemory: true, dropped: false };
    const hidden = { units: 3, recurrent: true, activation: expr.input("x"), hiddenToMemory: true, dropped: false };
    const { program, fed, recorded, blocks, names } = recurrentProgram({ memory, hidden });
    const { products } = deferProducts(program, fed, recorded, blocks);
    expect(products.map((p) => names[p.block])).to.have.members(["R", "K", "W", "U"]);
  });

  it("are the same as those of the steps", async () => {
    const grads = async (backend: string): Promise<Float32Array[]> => {
      await useBackend(backend);
      const { program, fed, blocks, states } = sample();
      const scan = new Scan(program, { owner: "test", fed, recorded: ["h"], blocks, states });
      const [batch, nSteps] = [3, 7];
      const given = [
        waves([batch, nSteps, 4]),
        waves([batch, nSteps, 3], 1),
        waves([12], 2),
        waves([9], 3),
        waves([9], 4),
        waves([batch, 3], 5),
      ];
      const f = (...t: tf.Tensor[]): tf.Scalar => {
        const { records, states: end } = scan.run({ feeds: t.slice(0, 2), blocks: t.slice(2, 5), states: t.slice(5) }, { batch, nSteps });
        return tf.add(tf.sum(tf.square(records[0])), tf.sum(end[0]));
      };
      const before = tf.memory().numTensors;
      const found = tf.grads(f)(given);
      expect(tf.memory().numTensors - before, "tensors left").to.equal(found.length);
      const out = found.map((g) => g.dataSync() as Float32Array);
      tf.dispose([given, found]);
      scan.dispose();
      return out;
    };
    // On tfjs's plain cpu backend nothing is formed afterwards.
    const [steps, after] = [await grads("cpu"), await grads("wasm")];
    after.forEach((g, k) => expectGradient(g, steps[k], 1e-5, `${k}`));
    await tf.setBackend("cpu");
  });
});

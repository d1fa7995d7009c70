import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import * as nengo from "../../src/index.ts";

/** A simulator of a small trainable network, its input and its probe. */
function made() {
  const net = new nengo.Network({ seed: 0 });
  const u = net.node(0);
  const e = net.ensemble(10, 1);
  net.connect(u, e, { synapse: null });
  const p = net.probe(e);
  const sim = new nengo.Simulator(net, { progressBar: false });
  const x = Array.from({ length: 8 }, (_, k) => [[k / 8], [k / 16]]);
  const fit = async (): Promise<number> => {
    const optimizer = tf.train.sgd(1e-3);
    sim.compile({ optimizer, loss: "meanSquaredError" });
    const { history } = await sim.fit([[u, x]], [[p, x]], { epochs: 3, batchSize: 4, shuffle: false });
    optimizer.dispose();
    return history["loss"].at(-1) as number;
  };
  return { sim, fit };
}

describe("a layer's engine", () => {
  after(async () => nengo.useBackend("cpu"));

  it("works in the memory of the wasm backend, and trains as on the cpu backend, where tensors are copied", async () => {
    const losses: number[] = [];
    for (const [backend, where] of [
      ["wasm", "wasm engine as a tfjs kernel in the backend's memory"],
      ["cpu", "wasm engine as a tfjs kernel"],
    ] as const) {
      await nengo.useBackend(backend);
      const { sim, fit } = made();
      losses.push(await fit());
      expect(sim.report.model).to.deep.equal({ inference: where, training: where });
      sim.close();
    }
    expect(losses[0]).to.be.closeTo(losses[1], 1e-6 * losses[1]);
  });

  it("gives memory back when a simulator is closed", async () => {
    await nengo.useBackend("wasm");
    const { memory } = (tf.backend() as unknown as { wasm: { asm: { memory: WebAssembly.Memory } } }).wasm.asm;
    const once = async (): Promise<void> => {
      const { sim, fit } = made();
      await fit();
      sim.close();
    };
    for (let k = 0; k < 3; k++) await once();
    const [bytes, tensors] = [memory.buffer.byteLength, tf.memory().numTensors];
    for (let k = 0; k < 40; k++) await once();
    expect(memory.buffer.byteLength).to.equal(bytes);
    expect(tf.memory().numTensors).to.equal(tensors);
  });
});

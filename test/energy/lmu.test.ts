import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import * as nengo from "../../src/index.ts";
import { waves } from "../layers/support.ts";

describe("modelEnergy of Legendre memory units and ensembles", () => {
  before(() => nengo.useBackend("cpu"));

  it("counts memory, hidden units and all weights at every step", async () => {
    const hidden = (): tf.RNN => tf.layers.simpleRNNCell({ units: 4 }) as never;
    for (const [options, extra] of [
      [{ hiddenCell: hidden() }, 0],
      [{ hiddenCell: hidden(), hiddenToMemory: true, memoryToMemory: true, inputToHidden: true }, 4 * 2 + 12 * 2 + 3 * 4],
    ] as const) {
      const layer = nengo.layers.lmu({ memoryD: 2, order: 6, theta: 10, ...options });
      const input = tf.input({ shape: [8, 3] });
      const model = tf.model({ inputs: input, outputs: layer.apply(input) as tf.SymbolicTensor });
      const x = waves([2, 8, 3]);
      const energy = await nengo.modelEnergy(model, x);
      // Input to memory 3 x 2, A 6 x 6 and B 6 for each of 2, memory to hidden 12 x 4, hidden to itself 4 x 4.
      expect(energy.warnings.filter((text) => text.includes("count as nothing"))).to.deep.equal([]);
      expect(energy.layers[0]).to.include({ connections: 6 + 2 * 42 + 48 + 16 + extra, neurons: 12 + 4, steps: 8 });
      expect(energy.total("gpu")).to.be.closeTo(0.3e-9 * 8 * (154 + extra + 16), 1e-15);
      x.dispose();
    }
  });

  it("counts an ensemble layer by its encoders, neurons and decoders", async () => {
    const model = tf.sequential({ layers: [nengo.layers.ensemble({ nNeurons: 20, seed: 1, inputShape: [8, 3] })] });
    const x = waves([2, 8, 3]);
    const energy = await nengo.modelEnergy(model, x);
    expect(energy.layers[0]).to.include({ connections: 20 * 3 + 20 * 3, neurons: 20, steps: 8, spiking: true });
    x.dispose();
  });
});

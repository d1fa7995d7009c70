import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { mnist, readIdx, type Mnist } from "../../../examples/support/mnist.ts";
import { loadKeras } from "../../../src/converter/index.ts";
import { useBackend } from "../../../src/index.ts";
import { disposeModel } from "./support.ts";

const folder = dirname(createRequire(import.meta.url).resolve("mnist-react-tfjs/package.json"));

describe("a trained network from npm (mnist-react-tfjs)", function () {
  this.timeout(120_000);
  let digits: Mnist;
  before(async () => {
    await useBackend("wasm");
    digits = mnist("test", 1000);
  });
  after(async () => {
    tf.dispose([digits.images, digits.oneHot]);
    await tf.setBackend("cpu");
  });

  async function predicted(path: string) {
    const model = await loadKeras(join(folder, path));
    const output = tf.tidy(() => model.predict(tf.reshape(digits.images, [-1, 28, 28, 1]), { batchSize: 100 }) as tf.Tensor);
    const [probabilities, classes] = [await output.data<"float32">(), await output.argMax(1).data()];
    const { length } = model.layers;
    const parameters = model.countParams();
    disposeModel(model);
    return { probabilities, right: Array.from(classes).filter((digit, i) => digit === digits.labels[i]).length, parameters, length };
  }

  it("is the same from its Keras 2.0.4 file and from its tfjs files, and knows its digits", async () => {
    const [keras, tfjs] = [await predicted("keras/cnn.h5"), await predicted("public/assets/model.json")];
    expect(keras.parameters).to.equal(1_199_882);
    expect(keras.probabilities).to.deep.equal(tfjs.probabilities);
    // TensorFlow 2.12 counts as many among the same thousand (cnn.h5, images / 255)
    expect(keras.right).to.equal(988);
  });
});

describe("readIdx", () => {
  it("refuses what is no IDX file of bytes, and one that was cut off", () => {
    expect(readIdx(Uint8Array.of(0, 0, 8, 2, 0, 0, 0, 1, 0, 0, 0, 2, 7, 9))).to.deep.equal({ shape: [1, 2], data: Uint8Array.of(7, 9) });
    expect(() => readIdx(Uint8Array.of(0, 0, 13, 1, 0, 0, 0, 0))).to.throw(/unsigned bytes/);
    expect(() => readIdx(Uint8Array.of(0, 0, 8, 1, 0, 0))).to.throw(/8 bytes of header/);
    expect(() => readIdx(Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 3, 1, 2))).to.throw(/3 elements/);
  });
});

import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { readFile } from "node:fs/promises";
import { useBackend } from "../../../src/backend.ts";
import { loadKeras } from "../../../src/converter/index.ts";
import { disposeModel, expectSame, fixtures, numbersOf } from "./support.ts";
import { artifactsOf } from "../../support/saving.ts";

const versions = { keras2: await numbersOf("keras2"), keras3: await numbersOf("keras3") };

for (const version of ["keras2", "keras3"] as const) {
  const numbers = versions[version];
  describe(`loadKeras, files of ${version}`, () => {
    before(() => tf.setBackend("cpu"));

    for (const file of Object.keys(numbers)) {
      it(`${file} predicts what Keras predicts, and disposes of everything`, async () => {
        const before = tf.memory().numTensors;
        const model = await loadKeras(`${fixtures}${version}/${file}`);
        expectSame(model, numbers[file]);
        disposeModel(model);
        expect(tf.memory().numTensors).to.equal(before);
      });

      it(`${file} saved by tfjs and loaded again is the same model`, async () => {
        const model = await loadKeras(`${fixtures}${version}/${file}`);
        const { modelTopology, weightSpecs, weightData } = await artifactsOf(model);
        const files = {
          "model.json": new TextEncoder().encode(
            JSON.stringify({ modelTopology, weightsManifest: [{ paths: ["w.bin"], weights: weightSpecs }] }),
          ),
          "w.bin": new Uint8Array(tf.io.CompositeArrayBuffer.join(weightData)),
        };
        const again = await loadKeras(files);
        expectSame(again, numbers[file]);
        for (const one of [model, again]) disposeModel(one);
      });
    }
  });
}

describe("loadKeras, on the wasm backend", () => {
  before(() => useBackend("wasm"));
  after(() => tf.setBackend("cpu"));

  for (const [version, numbers] of Object.entries(versions)) {
    // tfjs 4.22's own kernel of conv3dTranspose is wrong on wasm (it leaves zeros); cpu is tested above
    for (const file of Object.keys(numbers).filter((name) => !name.startsWith("transpose_three"))) {
      it(`${version}/${file} predicts what Keras predicts`, async () => {
        const model = await loadKeras(`${fixtures}${version}/${file}`);
        expectSame(model, numbers[file]);
        disposeModel(model);
      });
    }
  }
});

describe("loadKeras, quantised weights of tfjs", () => {
  before(() => tf.setBackend("cpu"));

  for (const dtype of ["uint8", "uint16", "float16"] as const) {
    it(`${dtype}: the numbers that the manifest says`, async () => {
      const bytes = {
        uint8: new Uint8Array([0, 100, 255]),
        uint16: new Uint16Array([0, 100, 65535]),
        float16: new Uint16Array([0x3c00, 0xc000, 0x3555]),
      }[dtype];
      const quantization = dtype === "float16" ? { dtype } : { dtype, scale: 0.5, min: -3 };
      const wanted = { uint8: [-3, 47, 124.5], uint16: [-3, 47, 32764.5], float16: [1, -2, 0.333251953125] }[dtype];
      const json = {
        modelTopology: {
          class_name: "Sequential",
          config: {
            name: "s",
            layers: [{ class_name: "Dense", config: { name: "d", units: 1, use_bias: false, batch_input_shape: [null, 3] } }],
          },
        },
        // a shard that ends within a number
        weightsManifest: [{ paths: ["a", "b"], weights: [{ name: "d/kernel", shape: [3, 1], dtype: "float32", quantization }] }],
      };
      const all = new Uint8Array(bytes.buffer);
      const model = await loadKeras({
        "model.json": new TextEncoder().encode(JSON.stringify(json)),
        a: all.subarray(0, 1),
        b: all.subarray(1),
      });
      expect(Array.from(model.getWeights()[0].dataSync())).to.deep.equal(wanted);
      disposeModel(model);
    });
  }
});

describe("loadKeras, sources", () => {
  const path = `${fixtures}keras3/two.keras`;
  before(() => tf.setBackend("cpu"));

  it("takes an ArrayBuffer, a view, a Blob, a File, files, a map and an object", async () => {
    const numbers = (await numbersOf("keras3"))["two.keras"];
    const bytes = new Uint8Array(await readFile(path));
    const padded = new Uint8Array(bytes.length + 6);
    padded.set(bytes, 3);
    const file = new File([bytes], "two.keras");
    const sources = [
      bytes.buffer,
      padded.subarray(3, 3 + bytes.length),
      new Blob([bytes]),
      file,
      [file],
      new Map([["a", bytes]]),
      { any: bytes },
    ];
    for (const source of sources) {
      const model = await loadKeras(source);
      expectSame(model, numbers);
      disposeModel(model);
    }
  });

  it("gives the kinds of model and names that the file has", async () => {
    const sequential = await loadKeras(`${fixtures}keras2/sequential.h5`);
    expect(sequential).to.be.instanceOf(tf.Sequential);
    const two = await loadKeras(path);
    expect(two.name).to.equal("two");
    expect(two.layers.map(({ name }) => name)).to.include.members(["first", "second", "shared", "one", "other"]);
    expect(two.inputNames).to.deep.equal(["first", "second"]);
    for (const model of [sequential, two]) disposeModel(model);
  });
});

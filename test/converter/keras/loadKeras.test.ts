import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { readFile } from "node:fs/promises";
import { loadKeras } from "../../../src/converter/index.ts";
import { disposeModel, expectSame, fixtures, numbersOf } from "./support.ts";

for (const version of ["keras2", "keras3"] as const) {
  const numbers = await numbersOf(version);
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
        const handler: { saved?: tf.io.ModelArtifacts } = {};
        await model.save(
          tf.io.withSaveHandler(async (artifacts) => {
            handler.saved = artifacts;
            return { modelArtifactsInfo: tf.io.getModelArtifactsInfoForJSON(artifacts) };
          }),
        );
        const { modelTopology, weightSpecs, weightData } = handler.saved as tf.io.ModelArtifacts;
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

import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { strFromU8, strToU8, unzipSync, zipSync } from "fflate";
import * as h5wasm from "h5wasm";
import { readFile } from "node:fs/promises";
import { loadKeras, type KerasSource } from "../../../src/converter/index.ts";
import { ConversionError } from "../../../src/errors.ts";
import { rejection } from "../../support/rejection.ts";
import { disposeModel, fixtures } from "./support.ts";

const bytesOf = async (file: string) => new Uint8Array(await readFile(`${fixtures}${file}`));

/** two.keras with another config. */
async function changed(change: (text: string) => string, file = "keras3/two.keras"): Promise<Uint8Array> {
  const members = unzipSync(await bytesOf(file));
  return zipSync({ ...members, "config.json": strToU8(change(strFromU8(members["config.json"]))) });
}

async function hdf5(write: (file: h5wasm.File) => void): Promise<Uint8Array> {
  const { FS } = await h5wasm.ready;
  const file = new h5wasm.File("made.h5", "w");
  write(file);
  file.close();
  const bytes = FS.readFile("made.h5");
  FS.unlink("made.h5");
  return bytes.slice();
}

async function refused(source: KerasSource, message: RegExp): Promise<ConversionError> {
  const before = tf.memory().numTensors;
  const error = await rejection(loadKeras(source));
  expect(error).to.be.instanceOf(ConversionError);
  expect(error.message).to.match(message);
  expect(tf.memory().numTensors).to.equal(before);
  return error as ConversionError;
}

describe("loadKeras, errors", () => {
  before(() => tf.setBackend("cpu"));

  it("names a layer that nobody knows, its class and the way out", async () => {
    const source = await changed((text) => text.replace('"class_name": "Dense"', '"class_name": "Mystery"'));
    const error = await refused(
      source,
      /layer "shared" \(Mystery\): expected a layer that tfjs .* knows, got Mystery\. .*tf\.serialization\.registerClass/,
    );
    expect(error.layer).to.equal("shared");
  });

  it("loads it once its class is registered, under its Python name too", async () => {
    class Twice extends tf.layers.Layer {
      static readonly className = "Twice";
      override computeOutputShape(shape: tf.Shape) {
        return shape;
      }
      override call(x: tf.Tensor | tf.Tensor[]) {
        return tf.mul([x].flat()[0], 2);
      }
    }
    const source = await changed((text) => {
      const json = JSON.parse(text) as { config: { layers: Record<string, unknown>[] } };
      Object.assign(json.config.layers.at(-1) as object, { class_name: "Twice", registered_name: "mine>Twice", module: null });
      return JSON.stringify(json);
    }, "keras3/arithmetic.keras");
    await refused(source, /got mine>Twice/);
    tf.serialization.registerClass(Twice);
    const model = await loadKeras(source);
    expect(model.layers.map((layer) => layer.getClassName())).to.include("Twice");
    disposeModel(model);
  });

  it("names options, activations and graphs that tfjs cannot do", async () => {
    const change = (from: string | RegExp, to: string, file?: string) => changed((text) => text.replace(from, to), file);
    await refused(
      await change('"activation": "tanh"', '"activation": "wavelet"'),
      /layer "shared" \(Dense\)\.activation: .*got "wavelet".*registerClass/,
    );
    await refused(await change('"units": 3', '"units": 3, "sparsity": 0.5'), /layer "shared" \(Dense\)\.sparsity: expected an option/);
    await refused(
      await change('"units": 3', '"units": 7'),
      /layer "shared" \(Dense\)\.weights: expected shape \[4, 7\] for layers\/dense\/vars\/0, got \[4, 3\]/,
    );
    await refused(await change('"use_bias": true', '"use_bias": false'), /layer "shared" .*weights: expected 1 arrays in the file .*got 2/);
    await refused(await change('["shared", 0, 0]', '["elsewhere", 0, 0]'), /an input from "elsewhere", which is no layer/);
    await refused(
      await change('"class_name": "Functional"', '"class_name": "MyModel"'),
      /expected a Sequential or functional model, got the class "MyModel"/,
    );
    await refused(
      await change('"class_name": "TrueDivide"', '"class_name": "Arctan2"', "keras3/arithmetic.keras"),
      /got the operation "Arctan2"/,
    );
  });

  it("says what else a file may be", async () => {
    await refused(strToU8("hello"), /is none of these/);
    await refused(new Uint8Array(0), /which is empty/);
    await refused(strToU8("{"), /expected JSON/);
    await refused(strToU8("{}"), /modelTopology: expected a model's config/);
    await refused(strToU8('{"format": "graph-model"}'), /expected a layers model, got a graph model/);
    await refused({ "saved_model.pb": strToU8("x"), "fingerprint.pb": strToU8("y") }, /got a TensorFlow SavedModel/);
    await refused(zipSync({ "a.txt": strToU8("x") }), /got no config\.json/);
    await refused("nowhere/model.keras", /expected a readable file or folder, got ENOENT/);
    await refused(7 as unknown as KerasSource, /expected a path, a buffer, or buffers by name, got 7/);
  });

  it("tells weights alone and HDF5 of other programs from a model", async () => {
    await refused(
      await hdf5((file) => file.create_dataset({ name: "spikes", data: new Float32Array(3) })),
      /HDF5 of another program \(spikes\)/,
    );
    await refused(await hdf5((file) => file.create_attribute("layer_names", ["dense"])), /got weights alone.*not save_weights/);
    await refused(
      await hdf5((file) => file.create_attribute("model_config", '{"class_name": "Sequential", "config": {"layers": []}}')),
      /expected a group model_weights/,
    );
  });

  it("says what shards a model.json lacks, and when they are another model's", async () => {
    const json = {
      modelTopology: {
        class_name: "Sequential",
        config: { name: "s", layers: [{ class_name: "Dense", config: { name: "d", units: 1, batch_input_shape: [null, 2] } }] },
      },
      weightsManifest: [
        {
          paths: ["w.bin"],
          weights: [
            { name: "d/kernel", shape: [2, 1], dtype: "float32" },
            { name: "d/bias", shape: [1], dtype: "float32" },
          ],
        },
      ],
    };
    const model = strToU8(JSON.stringify(json));
    await refused(model, /expected a buffer named "w\.bin"/);
    await refused({ "model.json": model, "w.bin": new Uint8Array(8) }, /expected 12 bytes in w\.bin, got 8/);
    const loaded = await loadKeras({ "model.json": model, "w.bin": new Uint8Array(new Float32Array([1, 2, 3]).buffer) });
    expect(loaded.getWeights().map((w) => Array.from(w.dataSync()))).to.deep.equal([[1, 2], [3]]);
    disposeModel(loaded);
  });
});

import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ValidationError } from "../../src/errors.ts";
import { fileHandler } from "../../src/io/fileHandler.ts";
import { NengoModel, model } from "../../src/model/index.ts";
import { caught, constantDense, weightsOf } from "../model/support.ts";

const small = () => {
  const input = tf.input({ shape: [2] });
  return model({ inputs: input, outputs: constantDense("out", 3, 0.25, -1).apply(input) as tf.SymbolicTensor });
};

describe("fileHandler", () => {
  let folder: string;
  before(() => tf.setBackend("cpu"));
  beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), "nengo-"))));
  afterEach(() => rm(folder, { recursive: true }));

  it("saves a model into a folder that it makes, and loads it", async () => {
    const path = join(folder, "deep", "model");
    const net = small();
    const result = await net.save(fileHandler(path));
    expect(result.modelArtifactsInfo.weightDataBytes).to.equal(9 * 4);
    expect((await readFile(join(path, "weights.bin"))).byteLength).to.equal(9 * 4);
    for (const from of [path, join(path, "model.json")]) {
      const loaded = await tf.loadLayersModel(fileHandler(from));
      expect(loaded).to.be.instanceOf(NengoModel);
      expect(weightsOf(loaded)).to.deep.equal(weightsOf(net));
    }
  });

  it("keeps the training configuration, the optimizer's weights and the user's metadata", async () => {
    const net = small();
    const [x, y] = [tf.ones([4, 2]), tf.ones([4, 3])];
    net.compile({ optimizer: "adam", loss: "meanSquaredError" });
    await net.fit(x, y, { epochs: 2, verbose: 0, seed: 0 });
    net.setUserDefinedMetadata({ note: "kept" });
    await net.save(fileHandler(folder), { includeOptimizer: true });
    const loaded = await tf.loadLayersModel(fileHandler(folder));
    expect(loaded.getUserDefinedMetadata()).to.deep.equal({ note: "kept" });
    // A gradient of the other sign: an Adam that had forgotten its moments would step ten times as far.
    for (const one of [net, loaded]) await one.trainOnBatch(x, tf.fill([4, 3], -3));
    weightsOf(loaded).forEach((v, i) => expect(v).to.be.closeTo(weightsOf(net)[i], 1e-6));
  });

  it("loads several shards and groups, as converters write them", async () => {
    const net = small();
    await net.save(fileHandler(folder));
    const bytes = await readFile(join(folder, "weights.bin"));
    const json = JSON.parse(await readFile(join(folder, "model.json"), "utf8")) as tf.io.ModelJSON;
    const [kernel, bias] = json.weightsManifest[0].weights;
    json.weightsManifest = [
      { paths: ["group1-shard1of2.bin", "group1-shard2of2.bin"], weights: [kernel] },
      { paths: ["group2.bin"], weights: [bias] },
    ];
    await writeFile(join(folder, "group1-shard1of2.bin"), bytes.subarray(0, 10));
    await writeFile(join(folder, "group1-shard2of2.bin"), bytes.subarray(10, 24));
    await writeFile(join(folder, "group2.bin"), bytes.subarray(24));
    await writeFile(join(folder, "other.json"), JSON.stringify(json));
    expect(weightsOf(await tf.loadLayersModel(fileHandler(join(folder, "other.json"))))).to.deep.equal(weightsOf(net));
    await writeFile(join(folder, "group2.bin"), bytes.subarray(28));
    const short = await caught(() => tf.loadLayersModel(fileHandler(join(folder, "other.json"))));
    expect(short).to.be.instanceOf(ValidationError);
    expect(short.message).to.match(/36 bytes of weights, got 32/);
    await rm(join(folder, "group2.bin"));
    expect((await caught(() => tf.loadLayersModel(fileHandler(join(folder, "other.json"))))).message).to.match(
      /group2\.bin: expected a readable file/,
    );
  });

  it("loads quantized weights", async () => {
    const net = small();
    await net.save(fileHandler(folder));
    const json = JSON.parse(await readFile(join(folder, "model.json"), "utf8")) as tf.io.ModelJSON;
    for (const spec of json.weightsManifest[0].weights) spec.quantization = { dtype: "uint8", min: -1, scale: 0.25 };
    await writeFile(join(folder, "model.json"), JSON.stringify(json));
    await writeFile(join(folder, "weights.bin"), Uint8Array.from([5, 5, 5, 5, 5, 5, 0, 0, 0]));
    expect(weightsOf(await tf.loadLayersModel(fileHandler(folder)))).to.deep.equal(weightsOf(net));
  });

  it("says what is wrong with a path or file", async () => {
    const failure = async (text: string | undefined) => {
      if (text !== undefined) await writeFile(join(folder, "model.json"), text);
      const error = await caught(() => tf.loadLayersModel(fileHandler(folder)));
      expect(error).to.be.instanceOf(ValidationError);
      return error.message;
    };
    expect(await failure(undefined)).to.match(/model\.json: expected a readable file, got ENOENT/);
    expect(await failure("{")).to.match(/model\.json: expected a model in JSON/);
    expect(await failure("null")).to.match(/expected modelTopology/);
    expect(await failure('{"weights": []}')).to.match(/expected modelTopology/);
    expect(await failure('{"modelTopology": {}, "weightsManifest": [{}]}')).to.match(/expected modelTopology and a weightsManifest/);
    expect(() => fileHandler("")).to.throw(ValidationError);
  });
});

import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import * as nengo from "../../src/index.ts";
import { normals, randomise } from "../converter/support.ts";

interface Finished {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

interface Written {
  readonly model: string;
  readonly steps: number;
  readonly scale: number | string;
  readonly layers: readonly { readonly name: string; readonly neuronType: string | null; readonly notes: readonly string[] }[];
  readonly measured: nengo.MeasurementData | null;
  readonly verified: nengo.Verification | null;
}

/** The compiled command, as a shell would run it. */
function cli(...args: string[]): Promise<Finished> {
  return new Promise((done, fail) => {
    const child = spawn(process.execPath, [resolve("dist/src/cli/main.js"), ...args], { stdio: ["ignore", "pipe", "pipe"] });
    let [out, err] = ["", ""];
    child.stdout.on("data", (text: Buffer) => (out += text.toString()));
    child.stderr.on("data", (text: Buffer) => (err += text.toString()));
    child.on("error", fail);
    child.on("close", (code) => done({ code, out, err }));
  });
}

describe("the command tfjs-nengo convert", function () {
  this.timeout(60_000);
  let place: string;
  let file: string;
  let data: string;
  let images: number[][][][];
  let labels: number[];
  before(async () => {
    await nengo.useBackend("cpu");
    place = mkdtempSync(join(tmpdir(), "tfjs-nengo-convert-"));
    const model = tf.sequential({
      name: "tiny",
      layers: [
        tf.layers.conv2d({ inputShape: [4, 4, 1], filters: 4, kernelSize: 3, activation: "relu", name: "conv" }),
        tf.layers.flatten({ name: "flat" }),
        tf.layers.dense({ units: 3, activation: "softmax", name: "out" }),
      ],
    });
    randomise(model);
    await model.save(nengo.fileHandler(join(place, "tiny")));
    file = join(place, "tiny", "model.json");
    const x = tf.tidy(() => normals([12, 4, 4, 1], 3).abs());
    images = (await x.array()) as number[][][][];
    labels = (await tf.tidy(() => (model.predict(x) as tf.Tensor).argMax(-1)).array()) as number[];
    data = join(place, "data.json");
    writeFileSync(data, JSON.stringify({ x: images, y: labels }));
  });
  after(() => rmSync(place, { recursive: true, force: true }));

  it("converts, verifies, measures and reports", async () => {
    const [page, out] = [join(place, "pages", "out.html"), join(place, "out")];
    const { code, out: text, err } = await cli("convert", file, "--data", data, "--steps", "24", "--report", page, "--out", out);
    expect([code, err]).to.deep.equal([0, ""]);
    for (const words of ["SpikingRectifiedLinear, rates x ", "12 items, 24 steps of 0.001 s", "verified: rates differ", "J an inference"])
      expect(text).to.include(words);
    expect(readFileSync(page, "utf8")).to.match(/^<!doctype html>[^]*<h1>tiny with spikes<\/h1>[^]*Firing rates[^]*<svg /);
    expect(readdirSync(out).sort()).to.deep.equal(["model.json", "report.json", "weights.bin"]);
    const report = JSON.parse(readFileSync(join(out, "report.json"), "utf8")) as Written;
    expect(report).to.include({ model: "tiny", steps: 24, scale: "auto" });
    const spiking = await tf.loadLayersModel(nengo.fileHandler(out));
    expect(spiking.inputs[0].shape).to.deep.equal([null, 24, 4, 4, 1]);
    const x = tf.tensor(images).expandDims(1).tile([1, 24, 1, 1, 1]);
    const classes = (await (spiking.predict(x) as tf.Tensor).argMax(-1).array()) as number[];
    expect(classes.filter((one, k) => one === labels[k]).length).to.be.at.least(10);
  });

  it("writes the report as JSON, of data in other files", async () => {
    const bytes = images.flat(3).map((v) => Math.min(255, Math.round(v * 64)));
    const idx = (sizes: readonly number[], numbers: readonly number[]): Buffer =>
      Buffer.from([0, 0, 8, sizes.length, ...sizes.flatMap((n) => [0, 0, 0, n]), ...numbers]);
    const [x, y] = [join(place, "x.idx"), join(place, "y.idx")];
    writeFileSync(x, idx([12, 4, 4], bytes));
    writeFileSync(y, idx([12], labels));
    const given = ["--data", x, "--labels", y, "--divide", "64", "--items", "8", "--steps", "10", "--json", "--scale", "200"];
    const { code, out, err } = await cli("convert", file, ...given);
    expect([code, err]).to.deep.equal([0, ""]);
    const { measured, verified, scale, layers } = JSON.parse(out) as Written;
    expect(scale).to.equal(200);
    expect(measured).to.include({ items: 8, steps: 10 });
    // The bytes of images are rounded, the classes of these are not.
    expect(measured!.outputs[0].modelAccuracy).to.be.at.least(0.8);
    expect(measured!.outputs[0].accuracy).to.have.length(10);
    expect(verified!.rates.map(({ name }) => name)).to.deep.equal(layers.map(({ name }) => name));
  });

  it("takes other neurons, rates by channel, and average pooling", async () => {
    const rates = ["--per-channel", "--percentile", "100", "--spikes-per-step", "0.1"];
    const { code, out, err } = await cli("convert", file, "--data", data, "--neurons", "LIF", "--synapse", "0.01", ...rates, "--json");
    expect([code, err]).to.deep.equal([0, ""]);
    const { layers, measured } = JSON.parse(out) as Written;
    expect(layers[0].neuronType).to.equal("LIF");
    expect(layers[0].notes.join()).to.include("channels have rates of their own").and.to.include("LIF fitted to relu");
    // 0.1 spikes a step are 100 Hz.
    expect(measured!.layers[0].percentiles[100]).to.be.within(60, 130);
    const pooled = tf.sequential({ layers: [tf.layers.maxPooling1d({ inputShape: [4, 2], poolSize: 2, name: "pool" })] });
    await pooled.save(nengo.fileHandler(join(place, "pooled")));
    const { out: text } = await cli("convert", join(place, "pooled", "model.json"), "--max-to-avg-pool", "--json");
    expect((JSON.parse(text) as Written).layers[0].notes.join()).to.match(/average/);
  });

  it("makes data up where there are none, for .keras and .h5 files too", async () => {
    for (const name of ["keras3/sequential.keras", "keras3/sequential.h5"]) {
      const { code, out, err } = await cli("convert", `test/fixtures/keras/${name}`, "--json");
      expect([code, err], name).to.deep.equal([0, ""]);
      const { measured, verified } = JSON.parse(out) as Written;
      expect(measured).to.equal(null);
      expect(verified!.rates.every(({ error }) => error === null || error < 1e-5)).to.equal(true);
    }
  });

  it("ends with 1 where the work fails, and 2 where arguments are not understood", async () => {
    const failed = async (expected: number, message: string, ...args: string[]): Promise<void> => {
      const { code, out, err } = await cli("convert", ...args);
      expect(err).to.include(message);
      expect(err).not.to.match(/\n\s+at /);
      expect([code, out]).to.deep.equal([expected, ""]);
    };
    const wrong = join(place, "wrong.json");
    writeFileSync(wrong, "[[1, 2, 3], [4, 5, 6]]");
    await Promise.all([
      failed(1, "tfjs-nengo: loadKeras", join(place, "none.keras")),
      failed(1, `--data ${file}: expected lists of numbers, or { x, y } of them`, file, "--data", file),
      failed(1, "expected a file, got none that can be read", file, "--data", join(place, "none.json")),
      failed(1, "--data: expected [items, 4, 4, 1], got [2, 3].", file, "--data", wrong),
    ]);
    await Promise.all([
      failed(2, "missing required argument 'model'"),
      failed(2, "option '--scale auto' needs --data", file, "--scale", "auto"),
      failed(2, "option '--labels' needs --data", file, "--labels", data),
      failed(2, "option '--per-channel' needs --data", file, "--per-channel"),
      failed(2, "option '--percentile' needs --scale auto", file, "--data", data, "--scale", "3", "--percentile", "99"),
      failed(2, "It has to be a number above 0, up to 100.", file, "--percentile", "101"),
      failed(2, "Allowed choices are LIF, AdaptiveLIF", file, "--neurons", "Fast"),
      failed(2, "It has to be auto, or a number above 0.", file, "--scale", "fast"),
      failed(2, "it has to end in .html", file, "--report", "out.svg"),
      failed(2, "It has to be a whole number, 1 or more.", file, "--steps", "0"),
    ]);
  });

  it("helps, with examples", async () => {
    const { code, out } = await cli("convert", "--help");
    expect([code, out.includes("Examples:\n  $ tfjs-nengo convert model.keras")]).to.deep.equal([0, true]);
  });
});

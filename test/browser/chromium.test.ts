import { readFileSync } from "node:fs";
import { expect } from "chai";
import { needsChromium, runInPage } from "../support/browser.ts";
import * as convolution from "./pages/convolution.ts";
import * as keras from "./pages/keras.ts";
import * as layer from "./pages/layer.ts";
import * as network from "./pages/network.ts";
import * as plots from "./pages/plots.ts";
import type * as evaluation from "./pages/evaluation.ts";

type Result<F extends (input: never) => Promise<unknown>> = Awaited<ReturnType<F>>;

const page = (name: string): URL => new URL(`./pages/${name}.js`, import.meta.url);

const WASM = ["", "-simd", "-threaded-simd"].map((kind) => `node_modules/@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm${kind}.wasm`);

function expectSameRun(got: Result<typeof network.run>, wanted: Result<typeof network.run>): void {
  expect(got.engine).to.equal(wanted.engine);
  expect(got.spikes).to.equal(wanted.spikes);
  expect(got.data.length).to.equal(wanted.data.length);
  got.data.forEach((bits, k) => expect(bits === wanted.data[k], `probe ${k}`).to.be.true);
}

/** The same modules run here, in Node, and in a page whose content security policy forbids to make code of text. */
describe("in Chromium", function () {
  this.timeout(90_000);
  before(function () {
    needsChromium(this);
  });

  it("the page's policy forbids eval, and allows WebAssembly", async () => {
    expect(await runInPage<Result<typeof evaluation.run>>(page("evaluation"))).to.deep.equal({
      functions: false,
      wasm: true,
      threads: false,
    });
  });

  it("an error of the page comes back with its words", async () => {
    const input = { engine: "wasm", steps: -1 };
    const failure = await runInPage(page("network"), { input }).then(
      () => "",
      (error: Error) => error.message,
    );
    expect(failure).to.match(/in the page: .*-1/);
  });

  it("plots are drawn by the same code into the page's own document", async () => {
    const [here, there] = [await plots.run(), await runInPage<Result<typeof plots.run>>(page("plots"))];
    expect([here.node, there.node]).to.deep.equal([true, false]);
    // Lines and strokes; the two documents write attributes in different ways.
    const drawn = (svg: string): string[] => [...svg.matchAll(/ d="([^"]+)"| y1="([^"]+)"/g)].map(([, d, y]) => d ?? y);
    expect(drawn(here.svg).length).to.be.above(50);
    expect(drawn(there.svg)).to.deep.equal(drawn(here.svg));
  });

  it("the wasm engine gives the bits that it gives in Node", async () => {
    const input = { engine: "wasm", steps: 300 } as const;
    const wanted = await network.run(input);
    expect(wanted.spikes).to.be.above(100);
    expectSameRun(await runInPage<Result<typeof network.run>>(page("network"), { input }), wanted);
  });

  it("the wasm engine gives the bits of the reference engine there", async () => {
    const [wasm, reference] = await Promise.all(
      ["wasm", "reference"].map((engine) =>
        runInPage<Result<typeof network.run>>(page("network"), { input: { engine, steps: 300, signal: true } }),
      ),
    );
    expect([wasm.engine, reference.engine]).to.deep.equal(["wasm", "reference"]);
    expectSameRun(wasm, { ...reference, engine: "wasm" });
  });

  it("a network layer trains on tfjs's cpu backend, by the wasm engine, as in Node", async () => {
    const input = { steps: 5 };
    const wanted = await layer.run(input);
    const got = await runInPage<Result<typeof layer.run>>(page("layer"), { input });
    expect(got.path).to.equal("wasm engine as a tfjs kernel");
    expect(wanted.losses[4]).to.be.below(wanted.losses[0]);
    const flat = ({ losses, weights, predicted }: typeof got): number[] => [losses, ...weights, predicted].flat();
    const [a, b] = [flat(got), flat(wanted)];
    expect(a.length).to.equal(b.length);
    a.forEach((v, k) => expect(v, `number ${k}`).to.be.closeTo(b[k], 1e-6 * (1 + Math.abs(b[k]))));
  });

  for (const file of ["keras2/inception.h5", "keras3/two.keras"])
    it(`${file} loads from its bytes, converts and spikes as in Node`, async () => {
      const input = { base64: readFileSync(`test/fixtures/keras/${file}`).toString("base64") };
      const wanted = await keras.run(input);
      const got = await runInPage<Result<typeof keras.run>>(page("keras"), { input });
      expect(new Set(wanted.predicted.flat()).size).to.be.above(2);
      expect(got).to.deep.equal(wanted);
      expect(Math.max(...got.errors.map((error) => error ?? 0))).to.be.below(1e-5);
    });

  for (const isolated of [false, true])
    it(`completeWasmBackend lets a convolution train${isolated ? ", in an isolated page, where tfjs has threads" : ""}`, async () => {
      const wanted = await convolution.run({ steps: 4, backend: "cpu" });
      const input = { steps: 4, backend: "wasm" };
      const got = await runInPage<Result<typeof convolution.run>>(page("convolution"), { input, isolated, files: WASM });
      expect(got.backend).to.equal("wasm");
      expect(got.stock).to.match(/Conv2DBackpropFilter/);
      expect(got.added).to.include("Conv2DBackpropFilter");
      (got.completed as number[]).forEach((loss, k) => expect(loss).to.be.closeTo((wanted.completed as number[])[k], 1e-5));
    });
});

import { expect } from "chai";
import { needsChromium, runInPage } from "../../support/browser.ts";
import * as page from "../../browser/pages/ops.ts";

type Result = Awaited<ReturnType<typeof page.run>>;

/** The root of the mean square of differences. */
const rms = (a: readonly number[], b: readonly number[]): number => Math.sqrt(a.reduce((sum, v, k) => sum + (v - b[k]) ** 2, 0) / a.length);

describe("tf operations on webgl, in Chromium with software rendering", function () {
  this.timeout(150_000);
  before(function () {
    needsChromium(this);
  });

  it("predict and train as on the cpu backend", async () => {
    const wanted = await page.run({ backend: "cpu", epochs: 3 });
    const input = { backend: "webgl", epochs: 3 };
    const got = await runInPage<Result>(new URL("../../browser/pages/ops.js", import.meta.url), {
      input,
      graphics: true,
      timeout: 120_000,
    });
    expect(got.backend).to.equal("webgl");
    expect(got.path).to.match(/^tf operations/);
    expect(wanted.losses[2]).to.be.below(wanted.losses[0]);
    const within = (a: readonly number[], b: readonly number[], part: number, what: string): void => {
      expect(a.length).to.equal(b.length);
      const scale = Math.max(...b.map(Math.abs));
      a.forEach((v, k) => expect(v, `${what} ${k}`).to.be.closeTo(b[k], part * scale));
    };
    within(got.rates, wanted.rates, 1e-4, "rate");
    within(got.losses, wanted.losses, 1e-3, "loss");
    got.weights.forEach((w, k) => within(w, wanted.weights[k], 1e-3, "weight"));
    // A spike may come a step earlier or later.
    const size = rms(
      wanted.spikes,
      wanted.spikes.map(() => 0),
    );
    expect(rms(got.spikes, wanted.spikes)).to.be.below(0.1 * size);
    expect([got.tensors, wanted.tensors]).to.deep.equal([0, 0]);
  });
});
